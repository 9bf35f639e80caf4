namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>Log records in order of arrival, within a budget of bytes; the oldest go first.</summary>
internal sealed class LogStore(DashboardOptions options)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(LogRecord Record, long Bytes)> _records = [];
    private readonly Followers<LogRecord> _followers = new();
    private long _bytes;
    private long _number;

    public long Version { get; private set; }

    public long Evicted { get; private set; }

    public int Count
    {
        get
        {
            lock (_lock) return _records.Count;
        }
    }

    public void Add(LogRecord record)
    {
        var bytes = 240 + (2 * record.Body.Length) + Sizes.Of(record.EventName) + Sizes.Of(record.Attributes);
        lock (_lock)
        {
            record.Number = ++_number;
            record.Resource.HasLogs = true;
            _records.AddLast((record, bytes));
            _bytes += bytes;
            Version++;
            while (_bytes > options.MaxLogBytes && _records.Count > 1)
            {
                _bytes -= _records.First!.Value.Bytes;
                _records.RemoveFirst();
                Evicted++;
            }
        }
        _followers.Publish(record);
    }

    /// <summary>The records that match: those that are there, then each as it arrives.</summary>
    public IAsyncEnumerable<LogRecord> FollowAsync(Func<LogRecord, bool> matches, CancellationToken cancellationToken) =>
        _followers.FollowAsync(() => Find(_ => true, int.MaxValue).Records.AsEnumerable().Reverse(), matches, cancellationToken);

    /// <summary>The records that match, last arrived first, and how many match in all.</summary>
    public (List<LogRecord> Records, int Total) Find(Func<LogRecord, bool> matches, int limit)
    {
        var result = new List<LogRecord>();
        var total = 0;
        lock (_lock)
        {
            for (var node = _records.Last; node is not null; node = node.Previous)
            {
                if (!matches(node.Value.Record)) continue;
                total++;
                if (result.Count < limit) result.Add(node.Value.Record);
            }
        }
        return (result, total);
    }

    public void Clear()
    {
        lock (_lock)
        {
            _records.Clear();
            _bytes = 0;
            Version++;
        }
    }
}
