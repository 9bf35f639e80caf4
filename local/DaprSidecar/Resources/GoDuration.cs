using System.Globalization;

namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>Durations as daprd reads them: <c>1m30s</c>, <c>500ms</c>, or a plain number of milliseconds.</summary>
internal static class GoDuration
{
    // Longer units first, so that "ms" is not read as minutes.
    private static readonly (string Unit, double Milliseconds)[] Units =
        [("ms", 1), ("us", 0.001), ("µs", 0.001), ("ns", 0.000_001), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var plain))
        {
            duration = TimeSpan.FromMilliseconds(plain);
            return true;
        }
        var total = 0.0;
        var rest = text.AsSpan();
        if (rest.IsEmpty) return false;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9') is var first && first >= 0 && rest[first] == '.'
                ? first + 1 + Math.Max(0, rest[(first + 1)..].IndexOfAnyExceptInRange('0', '9'))
                : first;
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            rest = rest[digits..];
            var factor = 0.0;
            foreach (var (unit, milliseconds) in Units)
            {
                if (!rest.StartsWith(unit)) continue;
                factor = milliseconds;
                rest = rest[unit.Length..];
                break;
            }
            if (factor == 0) return false;
            total += number * factor;
        }
        if (total > TimeSpan.FromDays(365).TotalMilliseconds) return false;
        duration = TimeSpan.FromMilliseconds(total);
        return true;
    }
}
