using Microsoft.AspNetCore.DataProtection;
using TaskFlow.Local.Dashboard;
using TaskFlow.Local.Dashboard.Api;
using TaskFlow.Local.Dashboard.Components;
using TaskFlow.Local.Dashboard.Hosting;
using TaskFlow.Local.Dashboard.Otlp;
using TaskFlow.Local.Dashboard.Resources;
using TaskFlow.Local.Dashboard.Telemetry;

// It is started from any folder and any environment: what it serves lies beside its assembly.
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseStaticWebAssets();
var options = builder.Configuration.GetSection(DashboardOptions.Section).Get<DashboardOptions>() ?? new DashboardOptions();
options.Validate();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(options));
builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
    .AddFilter("Grpc", LogLevel.Error).AddFilter("ProtoBuf", LogLevel.Warning);

builder.Services.AddSingleton(options);
// An open page or a follower must not hold up the end of the AppHost.
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<TelemetryStore>();
builder.Services.AddSingleton<Receiver>();
builder.Services.AddSingleton(builder.Configuration.GetSection(ResourceServiceOptions.Section).Get<ResourceServiceOptions>() ?? new ResourceServiceOptions());
builder.Services.AddSingleton<ResourceClient>();
builder.Services.AddSingleton<ResourceMonitor>();
builder.Services.AddSingleton<Beat>();
builder.Services.AddScoped<LiveState>();
builder.Services.AddOtlpGrpc(options);
builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
builder.Services.AddRazorComponents().AddInteractiveServerComponents();

var app = builder.Build();
app.UseLocalOnly(options);
app.UseRouting();
app.UsePorts();
app.UseAntiforgery();
app.MapOn(options.OtlpGrpcUrl, otlp => otlp.MapOtlpGrpc());
app.MapOn(options.OtlpHttpUrl, otlp => otlp.MapOtlpHttp(options));
app.MapOn(options.Url, pages =>
{
    pages.MapHealth();
    pages.MapResourceApi();
    pages.MapTelemetryApi();
    pages.MapStaticAssets();
    // LocalOnly sends the whole policy: two headers would both apply.
    pages.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null);
});
app.Run();
