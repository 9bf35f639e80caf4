using TaskFlow.Api.Access;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;
using TaskFlow.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDatabase();
builder.AddHttpConventions();
builder.AddAccess();

var app = builder.Build();
app.UseHttpConventions();
app.UseAccess();
app.MapServiceDefaults();
app.Run();
