using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using TaskFlow.Testing;

namespace TaskFlow.Local.Tests.Dashboard;

/// <summary>What is no telemetry is refused and counted; the dashboard lives on.</summary>
public sealed class HostileInputTests(DashboardFixture fixture) : IClassFixture<DashboardFixture>, IAsyncLifetime
{
    private readonly DashboardProcess _dashboard = fixture.Dashboard;
    private long _refusedBefore;

    public async ValueTask InitializeAsync() => _refusedBefore = (long)(await _dashboard.HealthAsync())["refused"]!;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("traces", "application/x-protobuf")]
    [InlineData("logs", "application/x-protobuf")]
    [InlineData("metrics", "application/x-protobuf")]
    [InlineData("traces", "application/json")]
    [InlineData("logs", "application/json")]
    [InlineData("metrics", "application/json")]
    public async Task A_body_that_is_no_message_is_400(string signal, string type)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(signal, "\u0007 this is nothing"u8.ToArray(), type)).StatusCode);
        await AssertRefusedAsync();
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"resourceSpans":7}""")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"not hexadecimal"}]}]}]}""")]
    public async Task Json_of_another_shape_is_400(string body) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _dashboard.PostAsync("traces", body)).StatusCode);

    [Theory]
    [InlineData("""{"resourceSpans":[null,{"scopeSpans":[null,{"spans":[null]}]}]}""")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"no ids"}]}]}]}""")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00","spanId":"01"}]}]}]}""")]
    public async Task A_span_that_cannot_be_placed_is_refused_alone(string body)
    {
        using var answer = await _dashboard.PostAsync("traces", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("""
            "rejectedSpans":"1"
            """, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await AssertRefusedAsync();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"arrayValue":{}}""")]
    [InlineData("""{"arrayValue":{"values":[{},null,{"kvlistValue":{}},{"kvlistValue":{"values":[null,{"key":"k"},{"value":{}}]}}]}}""")]
    [InlineData("""{"bytesValue":""}""")]
    public async Task A_value_that_is_none_is_taken(string value)
    {
        var record = $$"""{"body":{{value}},"attributes":[null,{},{"key":"nothing"},{"key":"empty","value":{{value}} }]}""";
        using var answer = await _dashboard.PostAsync("logs", $$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{{record}}]}] }] }""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(_dashboard.HasExited);
    }

    [Fact]
    public async Task Values_nested_without_end_do_not_exhaust_the_stack()
    {
        // ArrayValue in AnyValue in ArrayValue …: a few bytes a level, thousands of levels, as protobuf and as JSON.
        int[] fields = [1, 2, 2, 5, .. Enumerable.Range(0, 20_000).SelectMany(_ => new[] { 5, 1 })];
        using var protobuf = await SendAsync("logs", Nest(fields), "application/x-protobuf");
        Assert.Equal(HttpStatusCode.BadRequest, protobuf.StatusCode);
        var json = string.Concat(Enumerable.Repeat("""{"arrayValue":{"values":[""", 20_000));
        using var text = await _dashboard.PostAsync("logs", $$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{{json}}""");
        Assert.Equal(HttpStatusCode.BadRequest, text.StatusCode);
        Assert.False(_dashboard.HasExited);
    }

    [Fact]
    public async Task A_message_that_unpacks_to_more_than_the_limit_is_413()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (var megabyte = 0; megabyte < 40; megabyte++) await gzip.WriteAsync(zeros, TestContext.Current.CancellationToken);
        }
        using var answer = await SendAsync("traces", packed.ToArray(), "application/x-protobuf", "gzip");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        await AssertRefusedAsync();
    }

    [Fact]
    public async Task What_says_gzip_and_is_none_is_400() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync("traces", "plain"u8.ToArray(), "application/x-protobuf", "gzip")).StatusCode);

    [Fact]
    public async Task Gzip_is_unpacked()
    {
        var traceId = OtlpSamples.NewTraceId();
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(
                Encoding.UTF8.GetBytes(OtlpSamples.Traces("packed", OtlpSamples.Span(traceId, "packed", 0, 1))), TestContext.Current.CancellationToken);
        }
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("traces", packed.ToArray(), "application/json", "gzip")).StatusCode);
        Assert.Equal(1, (int)(await _dashboard.GetJsonAsync($"/api/telemetry/traces/{traceId}"))["returnedCount"]!);
    }

    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("application/x-protobuf", "br")]
    public async Task Other_types_and_encodings_are_415(string type, string? encoding) =>
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await SendAsync("traces", [], type, encoding)).StatusCode);

    [Fact]
    public async Task A_grpc_message_that_is_none_is_an_invalid_argument()
    {
        using var client = new HttpClient
        { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = Deadline.Default };
        byte[] frame = [0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff];
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_dashboard.Grpc, "/opentelemetry.proto.collector.trace.v1.TraceService/Export"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var status = answer.TrailingHeaders.TryGetValues("grpc-status", out var trailing) ? trailing : answer.Headers.GetValues("grpc-status");
        Assert.Equal("3", status.Single());
        await AssertRefusedAsync();
    }

    private async Task AssertRefusedAsync()
    {
        var health = await _dashboard.HealthAsync();
        Assert.True((long)health["refused"]! > _refusedBefore, health.ToJsonString());
        Assert.NotEqual("", (string)health["lastRefusal"]!);
    }

    private Task<HttpResponseMessage> SendAsync(string signal, byte[] body, string type, string? encoding = null)
    {
        var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);
        return _dashboard.Otlp.PostAsync($"/v1/{signal}", content, TestContext.Current.CancellationToken);
    }

    /// <summary>Length-delimited protobuf fields, each the only content of the one before.</summary>
    private static byte[] Nest(int[] fields)
    {
        var reversed = new List<byte>();
        foreach (var field in fields.Reverse())
        {
            var length = reversed.Count;
            var prefix = new List<byte> { (byte)((field << 3) | 2) };
            for (; length >= 0x80; length >>= 7) prefix.Add((byte)(length | 0x80));
            prefix.Add((byte)length);
            prefix.Reverse();
            reversed.AddRange(prefix);
        }
        reversed.Reverse();
        return [.. reversed];
    }
}
