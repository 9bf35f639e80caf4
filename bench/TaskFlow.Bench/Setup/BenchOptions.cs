using TaskFlow.Bench.Clients;

namespace TaskFlow.Bench.Setup;

/// <summary>What every command takes.</summary>
internal sealed record BenchOptions
{
    public required Uri Api { get; init; }

    /// <summary>The instances of the push service; clients are spread over them in turn.</summary>
    public required IReadOnlyList<Uri> Push { get; init; }

    /// <summary>Whether the server behind <see cref="Push"/> is the SignalR peer, whose clients begin with a handshake of their own.</summary>
    public bool SignalR { get; init; }

    /// <summary>What the clients of that server are, where the run does not compare transports.</summary>
    public TransportKind Stream => SignalR ? TransportKind.SignalR : TransportKind.WebSocket;

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
