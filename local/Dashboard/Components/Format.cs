using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskFlow.Local.Dashboard.Components;

/// <summary>Numbers and times as people read them.</summary>
internal static partial class Format
{
    public static string Duration(double nanoseconds) => Math.Abs(nanoseconds) switch
    {
        0 => "0",
        < 1_000 => $"{nanoseconds:0} ns",
        < 1_000_000 => $"{Short(nanoseconds / 1e3)} µs",
        < 1_000_000_000 => $"{Short(nanoseconds / 1e6)} ms",
        < 60_000_000_000 => $"{Short(nanoseconds / 1e9)} s",
        _ => Span(TimeSpan.FromSeconds(nanoseconds / 1e9)),
    };

    public static string Bytes(double bytes) => Math.Abs(bytes) switch
    {
        < 1024 => $"{bytes:0} B",
        < 1024 * 1024 => $"{Short(bytes / 1024)} KB",
        < 1024 * 1024 * 1024 => $"{Short(bytes / 1024 / 1024)} MB",
        _ => $"{Short(bytes / 1024 / 1024 / 1024)} GB",
    };

    public static string Count(double value) => Math.Abs(value) switch
    {
        < 10_000 => Short(value),
        < 1_000_000 => $"{Short(value / 1e3)} k",
        < 1_000_000_000 => $"{Short(value / 1e6)} M",
        _ => $"{Short(value / 1e9)} G",
    };

    /// <summary>A metric's value in the unit that OpenTelemetry gives (UCUM).</summary>
    public static string Value(double value, string unit, bool perSecond = false)
    {
        var text = unit switch
        {
            "s" => Duration(value * 1e9),
            "ms" => Duration(value * 1e6),
            "us" => Duration(value * 1e3),
            "ns" => Duration(value),
            "By" => Bytes(value),
            "1" or "" => Count(value),
            "%" => $"{Short(value)} %",
            _ => $"{Count(value)} {unit.Trim('{', '}')}",
        };
        return perSecond ? $"{text}/s" : text;
    }

    public static string Time(long nanoseconds) => Moment(nanoseconds).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string DateTime(long nanoseconds) => Moment(nanoseconds).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    public static string Percent(double share) => $"{share * 100:0} %";

    /// <summary>"3 min", "2 h 5 min": how long something has been going.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => $"{Math.Max(0, (int)span.TotalSeconds)} s",
        { TotalMinutes: < 60 } => $"{(int)span.TotalMinutes} min {span.Seconds} s",
        { TotalHours: < 48 } => $"{(int)span.TotalHours} h {span.Minutes} min",
        _ => $"{(int)span.TotalDays} d {span.Hours} h",
    };

    /// <summary>A request's name without the constraints of its route: <c>{id:guid}</c> is an <c>{id}</c> to whoever reads it.</summary>
    public static string Route(string name) => Constraints().Replace(name, "{$1}");

    /// <summary>For SVG and CSS: never a comma.</summary>
    public static string Css(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Short(double value) => Math.Abs(value) switch
    {
        < 10 => value.ToString("0.##", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0", CultureInfo.InvariantCulture),
    };

    private static DateTimeOffset Moment(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100).ToLocalTime();

    [GeneratedRegex(@"\{(\w+):[^{}]*\}")]
    private static partial Regex Constraints();
}
