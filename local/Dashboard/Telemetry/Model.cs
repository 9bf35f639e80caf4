namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>Where telemetry comes from: one instance of one service.</summary>
public sealed class TelemetryResource(string name, string instanceId, int number)
{
    public string Name { get; } = name;

    public string InstanceId { get; } = instanceId;

    /// <summary>Counts the services in order of appearance; picks the colour.</summary>
    public int Number { get; } = number;

    public Tag[] Attributes { get; set; } = [];

    /// <summary>The name that the telemetry API takes, as the Aspire dashboard builds it.</summary>
    public string CompositeName => InstanceId.Length == 0 ? Name : $"{Name}-{InstanceId}";

    public bool HasSpans { get; set; }

    public bool HasLogs { get; set; }

    public bool HasMetrics { get; set; }

    public long LastSeen { get; set; }
}

/// <summary>The library that made a span or a log record: for log records the category.</summary>
public sealed record Scope(string Name, string Version);

public enum SpanKind { Unspecified, Internal, Server, Client, Producer, Consumer }

public enum SpanStatus { Unset, Ok, Error }

public sealed class Span
{
    public required string TraceId { get; init; }

    public required string SpanId { get; init; }

    /// <summary>Empty at a root.</summary>
    public required string ParentId { get; init; }

    public required string Name { get; init; }

    public required SpanKind Kind { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public required long Start { get; init; }

    public required long End { get; init; }

    public required SpanStatus Status { get; init; }

    public string StatusMessage { get; init; } = "";

    public string TraceState { get; init; } = "";

    public required Tag[] Attributes { get; init; }

    public SpanEvent[] Events { get; init; } = [];

    public SpanLink[] Links { get; init; } = [];

    public required TelemetryResource Resource { get; init; }

    public required Scope Scope { get; init; }

    public long Duration => End - Start;

    public bool IsError => Status == SpanStatus.Error;

    public string? this[string key] => Attributes.Find(key);
}

public sealed record SpanEvent(long Time, string Name, Tag[] Attributes);

public sealed record SpanLink(string TraceId, string SpanId, Tag[] Attributes);

public sealed class LogRecord
{
    /// <summary>Counts the records as they arrive.</summary>
    public long Number { get; set; }

    public required long Time { get; init; }

    /// <summary>1–24 as in OpenTelemetry; 0 where the sender gave none.</summary>
    public required int Severity { get; init; }

    public required string Body { get; init; }

    public required Tag[] Attributes { get; init; }

    public string TraceId { get; init; } = "";

    public string SpanId { get; init; } = "";

    public string EventName { get; init; } = "";

    public required TelemetryResource Resource { get; init; }

    public required Scope Scope { get; init; }

    public string? this[string key] => Attributes.Find(key);
}

internal static class AttributeLookup
{
    public static string? Find(this Tag[] attributes, string key)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Key == key) return attribute.Value;
        }
        return null;
    }
}
