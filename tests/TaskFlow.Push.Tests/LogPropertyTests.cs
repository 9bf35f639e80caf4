using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Push.Transports;
using TaskFlow.Push.WorkspaceLogs;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>What must hold for every order, size and loss.</summary>
public sealed class LogPropertyTests(RedisServer redis) : PushTest(redis)
{
    /// <summary>Short holds, so that a sample costs milliseconds.</summary>
    protected override (string, string)[] Settings => [("Realtime:GapHoldMilliseconds", "5"), ("Realtime:HeadsMilliseconds", "100")];

    [Fact]
    public async Task Any_order_with_doubles_and_losses_becomes_the_log()
    {
        var plans = Gen.Int[0, 29].Array[0, 60].Array[12].Single();
        foreach (var order in plans)
        {
            var workspace = Feed.CreateWorkspace(Ada);
            var log = (await Push.Services.GetRequiredService<OpenLogs>().OpenAsync(workspace, null, CancellationToken.None))!;
            var messages = Enumerable.Range(0, 30).Select(_ => Feed.Append(workspace)).ToList();
            foreach (var index in order) log.Offer([LogEvent.Parse(messages[index])], here: true);
            await Deadline.UntilAsync($"the log is whole after {string.Join(' ', order)}", () => Task.FromResult(log.Head == 31));
            var ring = log.ReadRing(1, int.MaxValue, int.MaxValue)!;
            Assert.Equal(31, ring.Last);
            Assert.Equal(string.Join(',', messages.Select(message => Encoding.UTF8.GetString(LogEvent.Parse(message).Json))), Encoding.UTF8.GetString(ring.Json));
        }
    }

    [Fact]
    public void A_lane_gives_every_reader_the_same_bytes_from_wherever_it_starts()
    {
        Gen.Select(Gen.Int[2, 9_000].Array[1, 120], Gen.Int[1, 50], Gen.Int[0, 2]).Sample((sizes, firstSeq, format) =>
        {
            var framing = format switch { 0 => Framing.WebSocket, 1 => Framing.Sse, _ => Framing.SseChunked };
            var lane = new Lane(framing, firstSeq);
            var frames = new List<byte[]>();
            var early = new List<byte>();
            lane.TrySeek(firstSeq - 1, out var place);
            var (segment, offset) = (place.Segment, place.Offset);
            for (var i = 0; i < sizes.Length; i++)
            {
                var json = Encoding.UTF8.GetBytes("\"" + new string((char)('a' + (i % 26)), sizes[i] - 2) + "\"");
                lane.Append(firstSeq + i, json);
                frames.Add(framing.Encode(firstSeq + i, json));
                if (i % 3 == 0) Read(ref segment, ref offset, early);
            }
            Read(ref segment, ref offset, early);
            Assert.Equal(frames.SelectMany(frame => frame), early);

            var start = sizes.Length / 2;
            Assert.True(lane.TrySeek(firstSeq - 1 + start, out place));
            (segment, offset) = (place.Segment, place.Offset);
            var late = new List<byte>();
            Read(ref segment, ref offset, late);
            Assert.Equal(frames.Skip(start).SelectMany(frame => frame), late);
            Assert.False(lane.TrySeek(firstSeq - 2, out _));
            Assert.False(lane.TrySeek(firstSeq + sizes.Length, out _));
        }, iter: 60);
    }

    [Fact]
    public void Compressed_frames_are_the_same_texts_never_longer_and_in_the_same_places()
    {
        using var telemetry = new PushTelemetry();
        Gen.Select(Gen.Select(Gen.Int[0, 3_000], Gen.Bool).Array[1, 120], Gen.Int[1, 50]).Sample((texts, firstSeq) =>
        {
            var lane = new Lane(Framing.WebSocket, firstSeq);
            var expected = texts.Select((text, i) => text.Item2 ? Encoding.UTF8.GetBytes(new string((char)('a' + (i % 26)), text.Item1)) : RandomNumberGenerator.GetBytes(text.Item1)).ToList();
            var frames = new List<byte>();
            lane.TrySeek(firstSeq - 1, out var place);
            var (segment, offset) = place.Compressed(telemetry);
            for (var i = 0; i < expected.Count; i++)
            {
                lane.Append(firstSeq + i, expected[i]);
                if (i % 3 == 0) Read(ref segment, ref offset, frames);
            }
            Read(ref segment, ref offset, frames);
            Assert.Equal(expected, Texts([.. frames]));

            var start = expected.Count / 2;
            Assert.True(lane.TrySeek(firstSeq - 1 + start, out place));
            (segment, offset) = place.Compressed(telemetry);
            var late = new List<byte>();
            Read(ref segment, ref offset, late);
            Assert.Equal(expected.Skip(start), Texts([.. late]));
            Assert.InRange(lane.CompressedBytes, 1, lane.Bytes);
        }, iter: 60);
    }

    [Fact]
    public void A_reader_of_compressed_frames_that_were_dropped_is_told_so()
    {
        using var telemetry = new PushTelemetry();
        var lane = new Lane(Framing.WebSocket, 1);
        lane.TrySeek(0, out var place);
        var segment = place.Compressed(telemetry).Segment;
        for (var i = 0; i < 50; i++) lane.Append(i + 1, new byte[1_000]);
        lane.Trim(16 * 1024, 0);
        Assert.Same(Segment.Lost, segment.Next);
    }

    [Fact]
    public void A_trimmed_lane_is_bounded_and_still_reads_right()
    {
        Gen.Int[200, 20_000].Array[50, 200].Sample(sizes =>
        {
            const int limit = 256 * 1024;
            var lane = new Lane(Framing.WebSocket, 1);
            for (var i = 0; i < sizes.Length; i++)
            {
                lane.Append(i + 1, Encoding.UTF8.GetBytes("\"" + new string('x', sizes[i]) + "\""));
                lane.Trim(limit, 0);
            }
            Assert.InRange(lane.Bytes, 1, limit + (64 * 1024));
            var kept = lane.ReadJson(0, int.MaxValue);
            Assert.Equal(Range(lane.FirstSeq, sizes.Length), kept.Select(item => item.Seq));
            Assert.All(kept, item => Assert.Equal(sizes[item.Seq - 1] + 2, item.Json.Length));
            lane.Trim(long.MaxValue, sizes.Length + 1);
            Assert.InRange(lane.Bytes, 1, 64 * 1024);
        }, iter: 20);
    }

    [Fact]
    public void A_message_in_any_key_order_gives_the_same_event()
    {
        var canonical = """{"type":"task.updated","workspaceId":"0198f3e4-0000-7000-8000-000000000001","seq":7,"taskId":"0198f3e4-0000-7000-8000-000000000002","version":3,"payload":{"title":"a,\"internals\":{}"},"userId":"0198f3e4-0000-7000-8000-000000000003","userName":"Ada","mutationId":null,"timestamp":"2026-01-01T00:00:00+00:00"}"""u8.ToArray();
        var properties = System.Text.Json.Nodes.JsonNode.Parse(canonical)!.AsObject().Select(property => (property.Key, Value: property.Value?.ToJsonString() ?? "null"))
            .Append((Key: "internals", Value: """{"committedAtMicros":12,"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}""")).ToArray();
        Gen.Shuffle(properties).Sample(shuffled =>
        {
            var read = LogEvent.Parse(Encoding.UTF8.GetBytes("{" + string.Join(",", shuffled.Select(property => $"\"{property.Key}\":{property.Value}")) + "}"));
            Assert.Equal((7, 12, "task.updated"), (read.Seq, read.CommittedAtMicros, read.Type));
            Assert.DoesNotContain("committedAtMicros", Encoding.UTF8.GetString(read.Json), StringComparison.Ordinal);
            Assert.Equal("a,\"internals\":{}", System.Text.Json.Nodes.JsonNode.Parse(read.Json)!["payload"].Text("title"));
        }, iter: 100);
    }

    /// <summary>Takes WebSocket frames apart and reads each by itself.</summary>
    private static List<byte[]> Texts(byte[] frames)
    {
        var texts = new List<byte[]>();
        var rest = frames.AsMemory();
        while (rest.Length > 0)
        {
            var (header, length) = rest.Span[1] == 126 ? (4, BinaryPrimitives.ReadUInt16BigEndian(rest.Span[2..])) : (2, rest.Span[1]);
            var payload = rest.Slice(header, length).Span;
            var text = new byte[4_000];
            texts.Add(rest.Span[0] == Framing.Text ? payload.ToArray() : text[..MessageDeflate.Inflate(payload, text)]);
            rest = rest[(header + length)..];
        }
        return texts;
    }

    private static void Read(ref Segment segment, ref int offset, List<byte> into)
    {
        while (true)
        {
            var next = segment.Next;
            var end = segment.End(segment.Count);
            into.AddRange(segment.Slice(offset, end).Span);
            offset = end;
            if (next is null) return;
            (segment, offset) = (next, 0);
        }
    }
}
