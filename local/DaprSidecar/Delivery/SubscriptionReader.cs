using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using TaskFlow.Local.DaprSidecar.Resources;

namespace TaskFlow.Local.DaprSidecar.Delivery;

/// <summary>Asks the app what it wants: <c>GET /dapr/subscribe</c>, which Dapr.AspNetCore serves as MapSubscribeHandler.</summary>
internal sealed partial class SubscriptionReader(AppChannel app, ILogger<SubscriptionReader> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Null when the app could not be asked.</summary>
    public async Task<IReadOnlyList<TopicSubscription>?> ReadAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var answer = await app.GetAsync("/dapr/subscribe", limit.Token);
            if (answer.StatusCode == HttpStatusCode.NotFound) return [];
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                LogRefused((int)answer.StatusCode);
                return [];
            }
            var body = await answer.Content.ReadAsByteArrayAsync(limit.Token);
            if (body.Length == 0) return [];
            var items = JsonSerializer.Deserialize(body, SubscriptionJson.Default.SubscriptionItemArray) ?? [];
            return [.. items.OfType<SubscriptionItem>().Select(Read).OfType<TopicSubscription>()];
        }
        catch (JsonException error)
        {
            LogMalformed(error.Message);
            return [];
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private TopicSubscription? Read(SubscriptionItem item)
    {
        if (string.IsNullOrEmpty(item.PubsubName) || string.IsNullOrEmpty(item.Topic))
        {
            LogIgnored(item.Topic ?? "", "it lacks pubsubname or topic");
            return null;
        }
        if (item.BulkSubscribe is { Enabled: true })
        {
            LogIgnored(item.Topic, "bulk subscriptions need daprd");
            return null;
        }
        var rules = new List<RouteRule>();
        foreach (var rule in (item.Routes?.Rules ?? []).OfType<RuleItem>())
        {
            if (RouteRule.TryCreate(rule.Path ?? "", rule.Match, out var reason) is not { } created)
            {
                LogIgnored(item.Topic, reason);
                return null;
            }
            rules.Add(created);
        }
        if ((item.Routes?.Default, item.Route) is var (byDefault, single) && (string.IsNullOrEmpty(byDefault) ? single : byDefault) is { Length: > 0 } path)
        {
            rules.Add(RouteRule.TryCreate(path, null, out _)!);
        }
        if (rules.Count == 0)
        {
            LogIgnored(item.Topic, "it has no route");
            return null;
        }
        return new TopicSubscription
        {
            PubSub = item.PubsubName,
            Topic = item.Topic,
            Rules = rules,
            DeadLetterTopic = string.IsNullOrEmpty(item.DeadLetterTopic) ? null : item.DeadLetterTopic,
            RawPayload = item.Metadata?.GetValueOrDefault("rawPayload") is { } raw && bool.TryParse(raw, out var isRaw) && isRaw,
            Metadata = item.Metadata ?? [],
        };
    }

    [LoggerMessage(LogLevel.Error, "GET /dapr/subscribe was answered {Status}: the app gets no events")]
    private partial void LogRefused(int status);

    [LoggerMessage(LogLevel.Error, "GET /dapr/subscribe was answered with something else than a list of subscriptions: {Reason}")]
    private partial void LogMalformed(string reason);

    [LoggerMessage(LogLevel.Error, "the app's subscription to topic '{Topic}' is ignored: {Reason}")]
    private partial void LogIgnored(string topic, string reason);
}

internal sealed record SubscriptionItem(
    string? PubsubName, string? Topic, string? DeadLetterTopic, Dictionary<string, string>? Metadata, string? Route, RoutesItem? Routes, BulkSubscribeItem? BulkSubscribe);

internal sealed record RoutesItem(RuleItem[]? Rules, string? Default);

internal sealed record RuleItem(string? Match, string? Path);

internal sealed record BulkSubscribeItem(bool Enabled);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SubscriptionItem[]))]
internal sealed partial class SubscriptionJson : JsonSerializerContext;
