using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace TaskFlow.ServiceDefaults;

/// <summary>
/// Keeps the tokens of invitations out of telemetry. Links and the route that accepts one carry them in the path, which the framework writes into spans, into
/// the scope around a request's log records, and, at a finer level than ours, into records.
/// </summary>
internal static partial class InvitationTokens
{
    private const string Before = "/invitations/";

    /// <summary>Takes them out of a span's name and attributes.</summary>
    public static void RemoveFrom(Activity activity)
    {
        if (TryRemove(activity.DisplayName, out var name)) activity.DisplayName = name;
        List<(string Key, string Text)>? found = null;
        foreach (ref readonly var tag in activity.EnumerateTagObjects())
        {
            if (TryRemove(tag.Value, out var text)) (found ??= []).Add((tag.Key, text));
        }
        foreach (var (key, text) in found ?? []) activity.SetTag(key, text);
    }

    /// <summary>The text without tokens; false when there is none in it.</summary>
    private static bool TryRemove(object? value, [NotNullWhen(true)] out string? text)
    {
        var whole = value is PathString or Uri ? value.ToString() : value as string;
        text = whole?.Contains(Before, StringComparison.OrdinalIgnoreCase) == true ? Token().Replace(whole, "{token}") : null;
        return text is not null && text != whole;
    }

    /// <summary>The same values without tokens; null when there is none in them.</summary>
    private static KeyValuePair<string, object?>[]? Removed(IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        KeyValuePair<string, object?>[]? removed = null;
        for (var i = 0; i < values.Count; i++)
        {
            if (TryRemove(values[i].Value, out var text)) (removed ??= [.. values])[i] = new(values[i].Key, text);
        }
        return removed;
    }

    /// <summary>An invitation's id opens nothing, and tells which one was revoked.</summary>
    [GeneratedRegex(@"(?<=/invitations/)(?![0-9a-f-]{36}(?![\w-]))[^/?#\s""']+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Token();

    /// <summary>Takes tokens out of scopes as they begin: whoever exports records can read scopes, but not change them.</summary>
    public sealed class ScopeProvider : IExternalScopeProvider
    {
        private readonly LoggerExternalScopeProvider _scopes = new();

        public void ForEachScope<TState>(Action<object?, TState> callback, TState state) => _scopes.ForEachScope(callback, state);

        public IDisposable Push(object? state) => _scopes.Push(state is IReadOnlyList<KeyValuePair<string, object?>> values && Removed(values) is { } removed ? removed : state);
    }

    /// <summary>Takes tokens out of exported records.</summary>
    public sealed class LogProcessor : BaseProcessor<LogRecord>
    {
        public override void OnEnd(LogRecord data)
        {
            if (TryRemove(data.FormattedMessage, out var message)) data.FormattedMessage = message;
            if (TryRemove(data.Body, out var body)) data.Body = body;
            if (data.Attributes is { } attributes && Removed(attributes) is { } removed) data.Attributes = removed;
        }
    }
}
