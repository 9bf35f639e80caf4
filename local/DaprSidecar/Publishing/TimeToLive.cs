using System.Globalization;
using TaskFlow.Local.DaprSidecar.Resources;

namespace TaskFlow.Local.DaprSidecar.Publishing;

/// <summary>How long a message is worth delivering: metadata <c>ttl</c> or <c>ttlInSeconds</c>, a duration or a number of seconds. Nonsense is no limit, as in daprd.</summary>
internal static class TimeToLive
{
    public static TimeSpan? Read(IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var (name, value) in metadata)
        {
            if (!name.Equals("ttlInSeconds", StringComparison.OrdinalIgnoreCase) && !name.Equals("ttl", StringComparison.OrdinalIgnoreCase)) continue;
            if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;
            return GoDuration.TryParse(value, out var duration) ? duration : null;
        }
        return null;
    }
}
