namespace TaskFlow.Bench.Setup;

/// <summary>What every command takes.</summary>
internal sealed record BenchOptions
{
    public required Uri Api { get; init; }
    public required Uri Push { get; init; }

    /// <summary>The Local engine's dashboard: where the pids of the servers come from. Null: no CPU and memory figures.</summary>
    public Uri? Dashboard { get; init; }

    /// <summary>The process to measure as the push service, where that is another server. Null: the pids that the dashboard names.</summary>
    public int? PushPid { get; init; }

    public required int Connections { get; init; }
    public required int Rate { get; init; }
    public required TimeSpan Duration { get; init; }

    /// <summary>File for the results as JSON; null for none.</summary>
    public FileInfo? Json { get; init; }
}
