using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>Readers that want each item as it comes. One that does not keep up loses the oldest it has not read; the sender never waits.</summary>
internal sealed class Followers<T>
{
    private const int Backlog = 2_000;
    private readonly Lock _lock = new();
    private volatile Channel<T>[] _channels = [];

    public void Publish(T item)
    {
        foreach (var channel in _channels) channel.Writer.TryWrite(item);
    }

    /// <summary>What <paramref name="existing"/> gives, then all that is published, as far as it matches.</summary>
    public async IAsyncEnumerable<T> FollowAsync(
        Func<IEnumerable<T>> existing, Func<T, bool> matches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<T>(new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        Change(channels => [.. channels, channel]);
        try
        {
            // Subscribed first, so that nothing falls between; what is in both comes once.
            var seen = existing().ToHashSet();
            foreach (var item in seen.Where(matches)) yield return item;
            var read = 0;
            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken))
            {
                if (!seen.Remove(item) && matches(item)) yield return item;
                // Nothing that was there can come any more; it must not be held here when it is evicted there.
                if (++read == Backlog) seen = [];
            }
        }
        finally
        {
            Change(channels => [.. channels.Where(other => other != channel)]);
        }
    }

    private void Change(Func<Channel<T>[], Channel<T>[]> change)
    {
        lock (_lock) _channels = change(_channels);
    }
}
