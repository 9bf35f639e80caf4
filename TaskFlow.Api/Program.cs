using TaskFlow.Api.Access;
using TaskFlow.Api.Auth;
using TaskFlow.Api.Caching;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;
using TaskFlow.Api.Outbox;
using TaskFlow.Api.Workspaces;
using TaskFlow.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDatabase();
builder.AddCaching();
builder.AddHttpConventions();
builder.AddAuth();
builder.AddAccess();
builder.Services.AddOutbox();

var app = builder.Build();
app.UseHttpConventions();
app.UseAuthentication();
app.UseMiddleware<RateLimitMiddleware>();
app.UseAuthorization();
app.UseAccess();

app.MapServiceDefaults();
app.MapAuth();
app.MapWorkspaces();
app.Run();
