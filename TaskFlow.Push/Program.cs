using TaskFlow.Push;
using TaskFlow.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPush();

var app = builder.Build();
app.MapServiceDefaults();
app.MapPush();
app.Run();
