using CommunityToolkit.Aspire.Hosting.Dapr;
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

// Secrets: generated once and kept (user secrets) for development, parameters when deployed.
var serviceKey = Secret("service-key");                   // Push to Api
var keyEncryptionSecret = Secret("key-encryption-secret"); // Api's signing keys in the database
var daprApiToken = Secret("dapr-api-token");              // service to its sidecar
var appApiToken = Secret("app-api-token");                // sidecar to its service

// State: Postgres is the truth, Redis is ephemeral.
var database = builder.AddPostgres("postgres", port: Port("Postgres")).WithDataVolume().AddDatabase("taskflow");
var redis = builder.AddRedis("redis", port: Port("Redis")).WithoutHttpsCertificate();

// One Dapr pub/sub component, read from components/ in every environment.
var pubsub = builder.AddDaprPubSub("pubsub", new DaprComponentOptions { LocalPath = "../components/pubsub.yaml" });

var api = builder.AddProject<Projects.TaskFlow_Api>("api")
    .WithEndpoint("http", endpoint => endpoint.Port = Port("Api") ?? 5080)
    .WithReference(database).WaitFor(database)
    .WithReference(redis).WaitFor(redis)
    .WithReplicas(Replicas("Api"))
    .WithEnvironment("ServiceKey", serviceKey)
    .WithEnvironment("KeyEncryptionSecret", keyEncryptionSecret)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithDaprSidecar(Sidecar("api"));

var push = builder.AddProject<Projects.TaskFlow_Push>("push")
    .WithEndpoint("http", endpoint => endpoint.Port = Port("Push") ?? 5090)
    .WithReference(redis).WaitFor(redis)
    .WithReference(api).WaitFor(api)
    .WithReplicas(Replicas("Push"))
    .WithEnvironment("ServiceKey", serviceKey)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithDaprSidecar(Sidecar("push"));

// In development many people may register from one address: tests do. Settings given to the AppHost reach the service that knows them.
Forward(api, "RateLimits", ("Login", "600"), ("Register", "600"));
Forward(push, "Realtime");

api.WithEnvironment("PublicUrls__Push", push.GetEndpoint("http"));
foreach (var service in new[] { api, push })
{
    service.WithEnvironment("DAPR_API_TOKEN", daprApiToken).WithEnvironment("APP_API_TOKEN", appApiToken);
}

// The web app, whose address is the one origin that browsers may come from.
if (builder.Configuration.GetValue("Web:Enabled", true))
{
    var web = builder.AddViteApp("web", "../web")
        .WithReference(api).WithReference(push)
        .WithEndpoint("http", endpoint => endpoint.Port = Port("Web") ?? 5100)
        .WithExternalHttpEndpoints();
    foreach (var service in new[] { api, push }) service.WithEnvironment("PublicUrls__Web", web.GetEndpoint("http"));
}
else
{
    foreach (var service in new[] { api, push }) service.WithEnvironment("PublicUrls__Web", "http://localhost:" + (Port("Web") ?? 5100));
}

builder.Build().Run();

IResourceBuilder<ParameterResource> Secret(string name) =>
    builder.AddParameter(name, new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);

int? Port(string name) => builder.Configuration.GetValue<int?>("Ports:" + name);

int Replicas(string name) => builder.Configuration.GetValue(name + ":Replicas", 1);

void Forward(IResourceBuilder<ProjectResource> service, string section, params (string Key, string Value)[] development)
{
    foreach (var (key, value) in builder.ExecutionContext.IsRunMode ? development : []) service.WithEnvironment(section + "__" + key, value);
    foreach (var setting in builder.Configuration.GetSection(section).GetChildren()) service.WithEnvironment(section + "__" + setting.Key, setting.Value);
}

Action<IResourceBuilder<IDaprSidecarResource>> Sidecar(string appId) => sidecar => sidecar
    .WithOptions(new DaprSidecarOptions { AppId = appId, Config = "../deploy/dapr-config.yaml", EnableAppHealthCheck = true, AppHealthCheckPath = "/alive" })
    .WithReference(pubsub)
    .WithAnnotation(new EnvironmentCallbackAnnotation(context =>
    {
        // components/pubsub.yaml reads the first three through the environment secret store.
        context.EnvironmentVariables["REDIS_TLS"] = "false";
        context.EnvironmentVariables["REDIS_HOST"] = redis.Resource.PrimaryEndpoint.Property(EndpointProperty.HostAndPort);
        if (redis.Resource.PasswordParameter is { } password) context.EnvironmentVariables["REDIS_PASSWORD"] = password;
        context.EnvironmentVariables["DAPR_API_TOKEN"] = daprApiToken.Resource;
        context.EnvironmentVariables["APP_API_TOKEN"] = appApiToken.Resource;
    }));
