using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Outbox;

/// <summary>
/// The publishing end of a sidecar, spoken to over real gRPC: it keeps what it was given, and can be away, or refuse. What gRPC needs here is so
/// little (one message each way, a trailer) that it is written out.
/// </summary>
public sealed class RecordingSidecar : IAsyncDisposable
{
    /// <summary>What daprd takes in one message unless told otherwise (<c>--max-body-size</c>).</summary>
    private const int UsualMaxMessage = 4 << 20;

    private readonly int _port;
    private readonly ConcurrentQueue<JsonNode> _events = new();
    private WebApplication? _app;
    private int _refusals;

    private RecordingSidecar(int port) => _port = port;

    public string Address => $"http://127.0.0.1:{_port}";

    /// <summary>Everything accepted so far, in order.</summary>
    public IReadOnlyList<JsonNode> Events => [.. _events];

    /// <summary>What it takes in one message.</summary>
    public int MaxMessage { get; set; } = UsualMaxMessage;

    /// <summary>How often it was asked.</summary>
    public int Calls { get; private set; }

    public static async Task<RecordingSidecar> StartAsync(bool isUp = true)
    {
        var sidecar = new RecordingSidecar(Ports.Free());
        if (isUp) await sidecar.ComeUpAsync();
        return sidecar;
    }

    public async Task ComeUpAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(_port, listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapPost("/dapr.proto.runtime.v1.Dapr/{method}", HandleAsync);
        await _app.StartAsync();
    }

    public async Task GoDownAsync()
    {
        if (_app is { } app) await app.DisposeAsync();
        _app = null;
    }

    /// <summary>Refuses that many of the next events, one by one.</summary>
    public void Refuse(int count) => Interlocked.Exchange(ref _refusals, count);

    /// <summary>The seqs of a workspace in the order they came.</summary>
    public IReadOnlyList<long> Seqs(Guid workspace) => [.. _events.Where(message => message.Id("workspaceId") == workspace).Select(message => message.Number("seq"))];

    public Task UntilAsync(Guid workspace, long head) =>
        Deadline.UntilAsync($"seqs 1 to {head} are published", () => Task.FromResult(Seqs(workspace).Distinct().Count() >= head), TimeSpan.FromSeconds(90));

    public async ValueTask DisposeAsync() => await GoDownAsync();

    private async Task HandleAsync(string method, HttpContext context)
    {
        Calls++;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var message = body.ToArray().AsMemory(5); // after one flag and the length
        IMessage? answer = message.Length > MaxMessage ? null : method switch
        {
            "PublishEvent" => Publish(PublishEventRequest.Parser.ParseFrom(message.Span)),
            "BulkPublishEvent" or "BulkPublishEventAlpha1" => Publish(BulkPublishRequest.Parser.ParseFrom(message.Span)),
            _ => null,
        };
        context.Response.ContentType = "application/grpc";
        if (answer is not null)
        {
            var frame = new byte[5 + answer.CalculateSize()];
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), answer.CalculateSize());
            answer.WriteTo(frame.AsSpan(5));
            await context.Response.Body.WriteAsync(frame, context.RequestAborted);
        }
        const int exhausted = 8;
        const int unimplemented = 12;
        const int unavailable = 14;
        context.Response.AppendTrailer("grpc-status",
            (answer is not null ? 0 : message.Length > MaxMessage ? exhausted : method == "PublishEvent" ? unavailable : unimplemented).ToString());
    }

    private Google.Protobuf.WellKnownTypes.Empty? Publish(PublishEventRequest request)
    {
        Assert.Equal(("pubsub", "workspace-events"), (request.PubsubName, request.Topic));
        return Accept(request.Data) ? new Google.Protobuf.WellKnownTypes.Empty() : null;
    }

    private BulkPublishResponse Publish(BulkPublishRequest request)
    {
        Assert.Equal(("pubsub", "workspace-events"), (request.PubsubName, request.Topic));
        var answer = new BulkPublishResponse();
        foreach (var entry in request.Entries)
        {
            if (!Accept(entry.Event)) answer.FailedEntries.Add(new BulkPublishResponseFailedEntry { EntryId = entry.EntryId, Error = "refused" });
        }
        return answer;
    }

    private bool Accept(ByteString data)
    {
        if (Interlocked.Decrement(ref _refusals) >= 0) return false;
        _events.Enqueue(JsonNode.Parse(data.Span)!);
        return true;
    }
}
