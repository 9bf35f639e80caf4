using TaskFlow.Contracts;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>Where a connection will start, decided before it is upgraded.</summary>
/// <param name="After">The seq to go on behind; the head unless the mode is <see cref="ResumeModes.Replay"/>.</param>
/// <param name="Mode">One of <see cref="ResumeModes"/>.</param>
/// <param name="Generation">The log's at the time: when it was restarted since, the plan has become a reset.</param>
internal readonly record struct ResumePlan(long After, string Mode, int Generation);

/// <summary>A place in a log. <paramref name="Lane"/> is null when what follows <paramref name="Seq"/> is no longer in the ring.</summary>
internal readonly record struct LogPosition(long Seq, long Head, string Epoch, int Generation, LanePosition? Lane);
