using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>The connection that brings the events, at Redis servers as they are found in production. The beacon is too slow here to help out.</summary>
public sealed class EventSubscriberTests : IAsyncLifetime
{
    private const string Password = "pass-of-the-tests";
    private static readonly (string, string)[] Slow = [("Realtime:HeadsMilliseconds", "60000"), ("Realtime:GapHoldMilliseconds", "10000")];
    private readonly Person _ada = Person.New();
    private FeedServer _feed = null!;

    public async ValueTask InitializeAsync() => _feed = await FeedServer.StartAsync();

    public async ValueTask DisposeAsync() => await _feed.DisposeAsync();

    [Fact]
    public async Task Events_of_many_workspaces_come_at_once_and_each_workspace_has_its_own_in_order()
    {
        using var redis = RedisServer.WithPassword(Password);
        await using var push = await PushInstance.StartAsync(_feed, redis, Slow);
        var workspaces = Enumerable.Range(0, 20).Select(_ => _feed.CreateWorkspace(_ada)).ToList();
        var sockets = new List<WebSocketConnection>();
        foreach (var workspace in workspaces) sockets.Add(await OpenAsync(push.Address, workspace));
        var messages = Enumerable.Range(0, 100).SelectMany(_ => workspaces.Select(workspace => (workspace, _feed.Append(workspace)))).ToList();
        await Task.WhenAll(messages.Select(message => PublishAsync(redis, message.workspace, message.Item2)));
        foreach (var socket in sockets)
        {
            Assert.Equal(Enumerable.Range(2, 100).Select(seq => (long)seq), (await socket.EventsUntilAsync(101)).Select(item => item.Number("seq")));
            await socket.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_large_event_fits_and_what_is_larger_than_any_event_does_no_harm()
    {
        using var redis = new RedisServer();
        await using var push = await PushInstance.StartAsync(_feed, redis, Slow);
        var workspace = _feed.CreateWorkspace(_ada);
        await using var socket = await OpenAsync(push.Address, workspace);
        foreach (var size in (int[])[200_000, 900_000, 300])
        {
            await PublishAsync(redis, workspace, _feed.Append(workspace, payload: new { title = new string('x', size) }));
            Assert.Equal(size, ((string)(await socket.NextAsync("task.updated"))["payload"]!["title"]!).Length);
        }
        // Too large to be an event, and then too large to be waited for: the connection is made anew.
        await PublishAsync(redis, workspace, new byte[2_000_000]);
        await PublishAsync(redis, workspace, new byte[5_000_000]);
        await Deadline.UntilAsync("it has noticed", () => Task.FromResult(push.Log.Contains("No events from Redis")));
        await ComesThroughAsync(redis, socket, workspace, 5);
    }

    [Fact]
    public async Task A_wrong_password_degrades_the_instance_and_is_written_nowhere()
    {
        using var redis = RedisServer.WithPassword(Password);
        await using var push = await PushInstance.StartAsync(_feed, redis, [.. Slow, ("ConnectionStrings:redis", $"127.0.0.1:{redis.Port},abortConnect=false,password=not-the-one")]);
        await Deadline.UntilAsync("the log says why", () => Task.FromResult(push.Log.Contains("Redis refuses the password")));
        using var client = push.CreateClient();
        Assert.Equal("degraded", (await client.GetJsonAsync("/health")).Expect(200).Json["checks"]!["redis"].Text("status"));
        Assert.False(push.Log.Contains("not-the-one"));
    }

    [Fact]
    public async Task A_subscription_that_went_silent_is_made_again()
    {
        using var redis = new RedisServer();
        await using var push = await PushInstance.StartAsync(_feed, redis, ("Realtime:HeadsMilliseconds", "200"));
        var workspace = _feed.CreateWorkspace(_ada);
        await using var socket = await OpenAsync(push.Address, workspace);
        using var resubscriptions = new Counted("taskflow.push.resubscriptions", push);
        _feed.Append(workspace); // Published by nobody: to the instance it looks as if its subscription were gone.
        Assert.Equal(2, Assert.Single(await socket.EventsUntilAsync(2)).Number("seq"));
        await Deadline.UntilAsync("it has subscribed again", () => Task.FromResult(resubscriptions.Count == 1));
        await ComesThroughAsync(redis, socket, workspace, 3);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_and_answers_nothing_is_made_anew()
    {
        using var redis = new RedisServer();
        await using var between = new FrozenRelay(redis.Port);
        await using var push = await PushInstance.StartAsync(_feed, redis, [.. Slow, ("ConnectionStrings:redis", $"127.0.0.1:{between.Port},abortConnect=false")]);
        var workspace = _feed.CreateWorkspace(_ada);
        await using var socket = await OpenAsync(push.Address, workspace);
        between.Freeze(later: false);
        await Deadline.UntilAsync("it has noticed", () => Task.FromResult(push.Log.Contains("No events from Redis")));
        await ComesThroughAsync(redis, socket, workspace, 2);
    }

    [Fact]
    public async Task An_instance_stops_while_redis_takes_its_connection_and_says_nothing()
    {
        using var redis = RedisServer.WithPassword(Password);
        await using var between = new FrozenRelay(redis.Port);
        between.Freeze(later: true);
        await using var push = await PushInstance.StartAsync(_feed, redis, ("ConnectionStrings:redis", $"127.0.0.1:{between.Port},abortConnect=false,password={Password}"));
        await push.DisposeAsync().AsTask().WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Events_come_over_tls_from_a_server_whose_certificate_is_trusted_and_from_no_other()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The certificates that are trusted are set by an environment variable, which only Linux has.");
        var folder = Directory.CreateTempSubdirectory("taskflow-tls-");
        try
        {
            var (pfx, pem) = (Path.Combine(folder.FullName, "server.pfx"), Path.Combine(folder.FullName, "server.pem"));
            CreateCertificate(pfx, pem);
            using var redis = RedisServer.WithTls(pfx, Password, Password);
            await using (var distrustful = await PushInstance.StartAsync(_feed, redis, Slow))
                await Deadline.UntilAsync("it says why it does not connect", () => Task.FromResult(distrustful.Log.Contains("The remote certificate is invalid")));

            await using var push = await PushProcess.StartAsync(_feed, redis, ("SSL_CERT_FILE", pem), ("Realtime__HeadsMilliseconds", "60000"));
            var workspace = _feed.CreateWorkspace(_ada);
            await using var socket = await OpenAsync(push.Address, workspace);
            await ComesThroughAsync(redis, socket, workspace, 2);
        }
        finally { folder.Delete(recursive: true); }
    }

    private async Task<WebSocketConnection> OpenAsync(Uri address, Guid workspace)
    {
        var socket = await WebSocketConnection.OpenAsync(address, workspace, _feed.Token(_ada));
        await socket.NextAsync("welcome");
        return socket;
    }

    /// <summary>One more event reaches the client, once. It is published until it does: a connection that has just ended may still be counted among the listeners.</summary>
    private async Task ComesThroughAsync(RedisServer redis, WebSocketConnection socket, Guid workspace, long seq)
    {
        var message = _feed.Append(workspace);
        var arriving = socket.EventsUntilAsync(seq);
        await Deadline.UntilAsync("the channel is heard", async () =>
        {
            await PublishAsync(redis, workspace, message);
            return arriving.IsCompleted;
        });
        Assert.Equal(seq, Assert.Single(await arriving).Number("seq"));
    }

    private static Task<long> PublishAsync(RedisServer redis, Guid workspace, byte[] message) =>
        redis.Client.GetSubscriber().PublishAsync(RedisChannel.Literal(Topology.Channels.Events(workspace)), message);

    private static void CreateCertificate(string pfx, string pem)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllBytes(pfx, certificate.Export(X509ContentType.Pkcs12, Password));
        File.WriteAllText(pem, certificate.ExportCertificatePem());
    }
}
