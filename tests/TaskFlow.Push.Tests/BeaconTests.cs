using Microsoft.Extensions.DependencyInjection;
using TaskFlow.Contracts;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Push.WorkspaceLogs;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>Nothing that the Api answers, or fails to, ends the search for what was lost.</summary>
public sealed class BeaconTests(RedisServer redis) : PushTest(redis)
{
    [Fact]
    public async Task An_answer_that_breaks_off_is_asked_for_again()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        Feed.BreaksOff = true;
        Feed.Append(workspace);
        await Deadline.UntilAsync("an answer broke off", () => Task.FromResult(Push.Log.Contains("The Api does not answer for the heads")));
        Feed.BreaksOff = false;
        Assert.Equal([2], Seqs(await socket.EventsUntilAsync(2)));
    }

    [Fact]
    public async Task A_feed_that_is_not_readable_is_read_again()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        Feed.IsGarbled = true;
        Feed.Append(workspace);
        await Deadline.UntilAsync("it was not readable", () => Task.FromResult(Push.Log.Contains("cannot be read yet")));
        Feed.IsGarbled = false;
        Assert.Equal([2], Seqs(await socket.EventsUntilAsync(2)));
    }

    [Fact]
    public async Task An_event_that_is_lost_while_the_log_is_loaded_is_found()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var telling = new TaskCompletionSource();
        Feed.Telling = telling.Task;
        var logs = Push.Services.GetRequiredService<OpenLogs>();
        var opening = logs.OpenAsync(workspace, null, CancellationToken.None).AsTask();
        await Deadline.UntilAsync("the feed is read", () => Task.FromResult(Feed.FeedReads == 1));
        Feed.Append(workspace); // Heard by nobody.
        var log = logs.Find(workspace)!;
        log.Offer([LogEvent.Parse(Feed.Append(workspace))], here: true);
        telling.SetResult();
        Assert.Same(log, await opening.WaitAsync(Deadline.Default));
        await Deadline.UntilAsync("both are there", () => Task.FromResult(log.Head == 3));
    }

    [Fact]
    public async Task More_than_the_Api_takes_at_once_is_asked_for_in_parts()
    {
        var services = Push.Services.GetRequiredService<PushServices>();
        var log = (await Push.Services.GetRequiredService<OpenLogs>().OpenAsync(Feed.CreateWorkspace(Ada), null, CancellationToken.None))!;
        var sessions = Enumerable.Range(0, 5 * HeadsRequest.MaxIds).Select(_ => Guid.NewGuid()).ToList();
        foreach (var session in sessions)
        {
            Feed.Revoked[session] = true;
            Assert.Equal(Admission.Granted, services.Sessions.Enter(new Caller(Guid.NewGuid(), session, null, DateTimeOffset.MaxValue), log));
        }
        await Deadline.UntilAsync("all were asked about", () => Task.FromResult(sessions.TrueForAll(services.Revoked.Contains)));
        Assert.InRange(Feed.MostIdsAsked, 1, HeadsRequest.MaxIds);
    }
}
