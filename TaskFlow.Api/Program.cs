using TaskFlow.Api.Access;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;
using TaskFlow.Api.Outbox;
using TaskFlow.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDatabase();
builder.AddHttpConventions();
builder.AddAccess();
builder.Services.AddOutbox();

var app = builder.Build();
app.UseHttpConventions();
app.UseAccess();
app.MapServiceDefaults();
app.Run();
