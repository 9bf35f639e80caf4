namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>Which topics this app may publish to and subscribe to, as a pub/sub component's scopes say.</summary>
internal sealed class TopicScopes
{
    public const string Publishing = "publishingScopes";
    public const string Subscription = "subscriptionScopes";
    public const string Allowed = "allowedTopics";
    public const string Protected = "protectedTopics";

    private readonly string[] _publishing;
    private readonly string[] _subscription;
    private readonly string[] _allowed;
    private readonly string[] _protected;

    public TopicScopes(ComponentMetadata metadata, string appId)
    {
        _publishing = OfApp(metadata, Publishing, appId);
        _subscription = OfApp(metadata, Subscription, appId);
        _allowed = Topics(metadata.OptionalText(Allowed));
        _protected = Topics(metadata.OptionalText(Protected));
    }

    public bool MayPublish(string topic) => IsAllowed(topic, _publishing);

    public bool MaySubscribe(string topic) => IsAllowed(topic, _subscription);

    private bool IsAllowed(string topic, string[] scoped)
    {
        if (_allowed.Length > 0 && !_allowed.Contains(topic)) return false;
        // An app without a scope of its own may do everything that is not protected.
        return (scoped.Length == 0 && !_protected.Contains(topic)) || scoped.Contains(topic);
    }

    /// <summary><c>api=orders,bills;push=</c>: an app that is named without topics has a scope, and it is empty.</summary>
    private static string[] OfApp(ComponentMetadata metadata, string setting, string appId)
    {
        var topics = new List<string>();
        foreach (var entry in (metadata.OptionalText(setting) ?? "").Replace(" ", "", StringComparison.Ordinal).Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = entry.Split('=');
            if (parts.Length != 2) throw metadata.Error(setting, $"has the entry '{entry}', which is not of the form app=topic,topic");
            if (parts[0] == appId) topics.AddRange(parts[1].Split(','));
        }
        return [.. topics];
    }

    private static string[] Topics(string? list) => list is null ? [] : list.Replace(" ", "", StringComparison.Ordinal).Split(',');
}
