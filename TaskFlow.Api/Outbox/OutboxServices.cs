using TaskFlow.Api.Events;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Outbox;

internal static class OutboxServices
{
    /// <summary>The log's writer and the relay to the broker.</summary>
    public static void AddOutbox(this IServiceCollection services)
    {
        services.AddOptions<OutboxOptions>().BindConfiguration(OutboxOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddDaprClient(dapr => dapr.UseJsonSerializationOptions(TaskFlowJson.Relaxed.Options));
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<OutboxRelay>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxRelay>());
        services.AddSingleton<WorkspaceGate>();
        services.AddSingleton<WriteBatch>();
        services.AddSingleton<GroupCommit>();
        services.AddSingleton<EventLog>();
    }
}
