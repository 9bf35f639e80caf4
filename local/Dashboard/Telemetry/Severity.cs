namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>OpenTelemetry's severity numbers under the names that .NET's loggers use.</summary>
internal static class Severity
{
    public static readonly string[] Names = ["Trace", "Debug", "Information", "Warning", "Error", "Critical"];

    /// <summary>0 (trace) to 5 (critical). What came without a severity counts as information.</summary>
    public static int Level(int number) => number is >= 1 and <= 24 ? (number - 1) / 4 : 2;

    public static string Name(int number) => Names[Level(number)];

    /// <summary>The level of a name, or -1.</summary>
    public static int Parse(string? name) => Array.FindIndex(Names, candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase));
}
