using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using TaskFlow.Push.Telemetry;

namespace TaskFlow.Push.Tests.Support;

/// <summary>What one instance counts in one of its counters.</summary>
internal sealed class Counted : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public Counted(string counter, PushInstance instance)
    {
        var meter = instance.Services.GetRequiredService<PushTelemetry>().Meter;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter && instrument.Name == counter) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _count, value));
        _listener.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
