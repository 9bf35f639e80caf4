using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace TaskFlow.Local.Tests.Dashboard;

/// <summary>Memory is bounded, and what is oldest makes room.</summary>
public sealed class BoundsTests
{
    [Fact]
    public async Task A_hundred_thousand_spans_do_not_exhaust_it_and_the_oldest_go_first()
    {
        const int spans = 100_000;
        await using var dashboard = await DashboardProcess.StartAsync(("Dashboard__MaxSpanBytes", $"{16 * 1024 * 1024}"));
        using var source = new ActivitySource("flood");
        using var listener = new ActivityListener
        {
            ShouldListenTo = candidate => candidate == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var exporter = new OtlpTraceExporter(new OtlpExporterOptions { Protocol = OtlpExportProtocol.Grpc, Endpoint = dashboard.Grpc });
        Activity.Current = null;
        string first = "", last = "";
        var batch = new Activity[1_000];
        for (var sent = 0; sent < spans; sent += batch.Length)
        {
            for (var i = 0; i < batch.Length; i++)
            {
                using var activity = source.StartActivity($"span {i}", ActivityKind.Internal, default(ActivityContext))!;
                activity.SetTag("attribute", "a value that is longer than a few letters, as they are");
                batch[i] = activity;
            }
            if (sent == 0) first = batch[0].TraceId.ToHexString();
            last = batch[^1].TraceId.ToHexString();
            Assert.Equal(ExportResult.Success, exporter.Export(new Batch<Activity>(batch, batch.Length)));
        }

        var health = await dashboard.HealthAsync();
        var (kept, evicted) = ((int)health["spans"]!, (int)health["evicted"]!);
        Assert.Equal(spans, kept + evicted);
        Assert.InRange(kept, 5_000, 90_000);
        foreach (var (traceId, status) in new[] { (first, HttpStatusCode.NotFound), (last, HttpStatusCode.OK) })
        {
            using var answer = await dashboard.Client.GetAsync($"/api/telemetry/traces/{traceId}", TestContext.Current.CancellationToken);
            Assert.Equal(status, answer.StatusCode);
        }
        Assert.InRange(dashboard.WorkingSet, 0, 400L * 1024 * 1024);
    }

    [Fact]
    public async Task One_endless_trace_is_cut_and_the_sender_is_told()
    {
        await using var dashboard = await DashboardProcess.StartAsync(("Dashboard__MaxSpansPerTrace", "10"));
        var traceId = OtlpSamples.NewTraceId();
        var spans = Enumerable.Range(0, 25).Select(i => OtlpSamples.Span(traceId, $"span {i}", i, i + 1)).ToArray();
        using var answer = await dashboard.PostAsync("traces", OtlpSamples.Traces("endless", spans));
        Assert.Contains("""
            "rejectedSpans":"15"
            """, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(10, (int)(await dashboard.GetJsonAsync($"/api/telemetry/traces/{traceId}"))["totalCount"]!);
    }

    [Fact]
    public async Task Log_records_make_room_for_newer_ones()
    {
        await using var dashboard = await DashboardProcess.StartAsync(("Dashboard__MaxLogBytes", "20000"));
        for (var i = 0; i < 60; i++)
            (await dashboard.PostAsync("logs", OtlpSamples.Logs("chatty", $"record {i} {new string('x', 500)}", 9))).EnsureSuccessStatusCode();
        var health = await dashboard.HealthAsync();
        Assert.InRange((int)health["logs"]!, 5, 30);
        Assert.Equal(1, (int)(await dashboard.GetJsonAsync("/api/telemetry/logs?search=%22record%2059%22"))["totalCount"]!);
        Assert.Equal(0, (int)(await dashboard.GetJsonAsync("/api/telemetry/logs?search=%22record%200%20%22"))["totalCount"]!);
    }

    [Fact]
    public async Task A_span_larger_than_all_that_is_kept_is_refused_and_leaves_nothing_behind()
    {
        await using var dashboard = await DashboardProcess.StartAsync(("Dashboard__MaxSpanBytes", "20000"));
        var (large, small) = (OtlpSamples.NewTraceId(), OtlpSamples.NewTraceId());
        var span = OtlpSamples.Span(large, "large", 0, 1);
        for (var i = 0; i < 5; i++)
            span["attributes"]!.AsArray().Add(new JsonObject { ["key"] = $"k{i}", ["value"] = new JsonObject { ["stringValue"] = new string('x', 4_000) } });
        using var refused = await dashboard.PostAsync("traces", OtlpSamples.Traces("large", span));
        Assert.Contains("rejectedSpans", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        (await dashboard.PostAsync("traces", OtlpSamples.Traces("small", OtlpSamples.Span(small, "small", 0, 1)))).EnsureSuccessStatusCode();

        Assert.Equal(1, (int)(await dashboard.GetJsonAsync("/api/telemetry/traces"))["totalCount"]!);
        Assert.Contains("small", await dashboard.Client.GetStringAsync("/traces", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Long_names_count_too()
    {
        await using var dashboard = await DashboardProcess.StartAsync(("Dashboard__MaxSpanBytes", "200000"), ("Dashboard__MaxLogBytes", "200000"));
        for (var i = 0; i < 60; i++)
        {
            var name = $"{i} {new string('n', 4_000)}";
            (await dashboard.PostAsync("traces", OtlpSamples.Traces("long", OtlpSamples.Span(OtlpSamples.NewTraceId(), name, 0, 1)))).EnsureSuccessStatusCode();
            var record = JsonNode.Parse(OtlpSamples.Logs("long", "short", 9))!;
            record["resourceLogs"]![0]!["scopeLogs"]![0]!["logRecords"]![0]!["eventName"] = name;
            (await dashboard.PostAsync("logs", record.ToJsonString())).EnsureSuccessStatusCode();
        }
        var health = await dashboard.HealthAsync();
        Assert.InRange((int)health["spans"]!, 5, 25);
        Assert.InRange((int)health["logs"]!, 5, 25);
    }

    [Fact]
    public async Task Histograms_that_change_their_bounds_and_go_again_do_not_make_room_that_is_not_there()
    {
        await using var dashboard = await DashboardProcess.StartAsync(("Dashboard__MaxSeries", "20"), ("Dashboard__MaxMetricBytes", "120000"));
        for (var i = 0; i < 100; i++)
        {
            // Each series begins without buckets, gets 500 of them, and is pushed out by later ones.
            await PostAsync(i, 1, "[]", "[]");
            await PostAsync(i, 2, $"[{string.Join(',', Enumerable.Range(1, 500))}]", $"[{string.Join(',', Enumerable.Repeat("\"1\"", 501))}]");
        }
        // 8.5 KB each: by the budget a dozen at most.
        Assert.InRange((int)(await dashboard.HealthAsync())["series"]!, 3, 15);

        async Task PostAsync(int id, int time, string bounds, string counts)
        {
            var attribute = $$"""{"key":"id","value":{"intValue":"{{id}}"} }""";
            var point = $$"""{"timeUnixNano":"{{(1_000_000 * (id + 1)) + time}}","count":"501","sum":1,"explicitBounds":{{bounds}},"bucketCounts":{{counts}},"attributes":[{{attribute}}]}""";
            var body = $$"""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"h","histogram":{"aggregationTemporality":2,"dataPoints":[{{point}}]} }]}]}]}""";
            (await dashboard.PostAsync("metrics", body)).EnsureSuccessStatusCode();
        }
    }

    [Fact]
    public async Task Series_without_number_make_room_for_newer_ones()
    {
        await using var dashboard = await DashboardProcess.StartAsync(("Dashboard__MaxSeries", "50"));
        for (var i = 0; i < 120; i++)
        {
            var attribute = $$"""{"key":"id","value":{"intValue":"{{i}}"} }""";
            var point = $$"""{"timeUnixNano":"{{1_000_000 + i}}","asInt":"1","attributes":[{{attribute}}]}""";
            var body = $$"""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{{point}}]} }]}]}]}""";
            (await dashboard.PostAsync("metrics", body)).EnsureSuccessStatusCode();
        }
        Assert.Equal(50, (int)(await dashboard.HealthAsync())["series"]!);
    }
}
