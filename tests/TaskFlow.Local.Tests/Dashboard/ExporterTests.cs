using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace TaskFlow.Local.Tests.Dashboard;

/// <summary>The OpenTelemetry SDK's own exporter against the real dashboard.</summary>
public sealed class ExporterTests(DashboardFixture fixture) : IClassFixture<DashboardFixture>
{
    private readonly DashboardProcess _dashboard = fixture.Dashboard;

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Traces_arrive_with_all_that_the_exporter_sends(OtlpExportProtocol protocol)
    {
        var service = $"traces-{protocol}";
        using var source = new ActivitySource(service);
        ActivityTraceId traceId;
        using (Sdk.CreateTracerProviderBuilder().AddSource(service).ConfigureResource(resource => resource.AddService(service, serviceInstanceId: "one"))
            .AddOtlpExporter(options => Configure(options, protocol, "traces")).Build())
        {
            using var parent = source.StartActivity("parent", ActivityKind.Server)!;
            traceId = parent.TraceId;
            parent.SetTag("text", "value").SetTag("number", 42).SetTag("flag", true).SetTag("list", new[] { "a", "b" });
            parent.AddEvent(new ActivityEvent("something happened", tags: new() { ["why"] = "because" }));
            using var child = source.StartActivity("child", ActivityKind.Client, parent.Context,
                links: [new ActivityLink(new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), default))])!;
            child.SetStatus(ActivityStatusCode.Error, "broken");
        }

        var answer = await _dashboard.GetJsonAsync($"/api/telemetry/traces/{traceId}");
        Assert.Equal(2, (int)answer["totalCount"]!);
        var resource = answer["data"]!["resourceSpans"]![0]!;
        Assert.Equal(service, Attribute(resource["resource"]!, "service.name"));
        var spans = resource["scopeSpans"]![0]!["spans"]!.AsArray();
        var parentSpan = spans.Single(span => (string)span!["name"]! == "parent")!;
        var childSpan = spans.Single(span => (string)span!["name"]! == "child")!;
        Assert.Equal(traceId.ToHexString(), (string)childSpan["traceId"]!);
        Assert.Equal((string)parentSpan["spanId"]!, (string)childSpan["parentSpanId"]!);
        Assert.Equal(2, (int)parentSpan["kind"]!);
        Assert.True(long.Parse((string)parentSpan["endTimeUnixNano"]!) >= long.Parse((string)parentSpan["startTimeUnixNano"]!));
        Assert.Equal(("value", "42", "true", "[a, b]"),
            (Attribute(parentSpan, "text"), Attribute(parentSpan, "number"), Attribute(parentSpan, "flag"), Attribute(parentSpan, "list")));
        Assert.Equal("something happened", (string)parentSpan["events"]![0]!["name"]!);
        Assert.Equal((2, "broken"), ((int)childSpan["status"]!["code"]!, (string)childSpan["status"]!["message"]!));
        Assert.Single(childSpan["links"]!.AsArray());

        var resources = (await _dashboard.GetJsonAsync("/api/telemetry/resources")).AsArray();
        var listed = resources.Single(item => (string)item!["name"]! == service)!;
        Assert.Equal(($"{service}-one", true), ((string)listed["displayName"]!, (bool)listed["hasTraces"]!));
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Logs_arrive_with_their_level_and_exception(OtlpExportProtocol protocol)
    {
        var service = $"logs-{protocol}";
        using (var factory = LoggerFactory.Create(logging => logging.AddOpenTelemetry(telemetry =>
        {
            telemetry.IncludeFormattedMessage = true;
            telemetry.SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService(service));
            telemetry.AddOtlpExporter(options => Configure(options, protocol, "logs"));
        })))
        {
            var logger = factory.CreateLogger("Some.Category");
            logger.LogInformation("Task {Key} was moved", "WEB-42");
            logger.LogError(new InvalidOperationException("too bad"), "It failed");
        }

        var all = await LogsAsync($"resource={service}");
        Assert.Equal(["Task WEB-42 was moved", "It failed"], all.Select(record => (string)record!["body"]!["stringValue"]!));
        Assert.Equal("WEB-42", Attribute(all[0]!, "Key"));
        var failed = Assert.Single(await LogsAsync($"resource={service}&severity=warning"))!;
        Assert.Equal(("Error", "too bad"), ((string)failed["severityText"]!, Attribute(failed, "exception.message")));
        Assert.Single(await LogsAsync($"resource={service}&search=category:some.category%20moved"));
        foreach (var search in new[] { "-moved", "-\"was moved\"", "-@Key:WEB-42", "-no:such failed", "it -category:other -moved" })
        {
            var left = Assert.Single(await LogsAsync($"resource={service}&search={Uri.EscapeDataString(search)}"))!;
            Assert.Equal((search, "It failed"), (search, (string)left["body"]!["stringValue"]!));
        }
        Assert.Empty(await LogsAsync($"resource={service}&search=-moved%20-failed"));
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Metrics_arrive_as_levels_sums_and_histograms(OtlpExportProtocol protocol)
    {
        var service = $"metrics-{protocol}";
        using var meter = new Meter(service);
        using (Sdk.CreateMeterProviderBuilder().AddMeter(service).ConfigureResource(resource => resource.AddService(service))
            .AddOtlpExporter((options, reader) =>
            {
                Configure(options, protocol, "metrics");
                reader.TemporalityPreference = protocol == OtlpExportProtocol.Grpc
                    ? MetricReaderTemporalityPreference.Delta : MetricReaderTemporalityPreference.Cumulative;
            })
            .AddView("exponential", new Base2ExponentialBucketHistogramConfiguration())
            .Build())
        {
            meter.CreateObservableGauge("level", () => 7.5);
            var counter = meter.CreateCounter<long>("count", "{thing}", "Things.");
            counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
            counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
            foreach (var name in new[] { "explicit", "exponential" })
            {
                var histogram = meter.CreateHistogram<double>(name, "ms");
                for (var i = 1; i <= 100; i++) histogram.Record(i);
            }
        }

        var answer = await _dashboard.GetJsonAsync($"/api/telemetry/metrics?resource={service}");
        var metrics = answer["data"]!["resourceMetrics"]![0]!["scopeMetrics"]![0]!["metrics"]!.AsArray()
            .ToDictionary(metric => (string)metric!["name"]!, metric => metric!);
        Assert.Equal(7.5, (double)metrics["level"]["gauge"]!["dataPoints"]![0]!["asDouble"]!);
        Assert.Equal(5, (double)metrics["count"]["sum"]!["dataPoints"]![0]!["asDouble"]!);
        Assert.Equal("a", Attribute(metrics["count"]["sum"]!["dataPoints"]![0]!, "kind"));
        Assert.Equal(("Things.", "{thing}"), ((string)metrics["count"]["description"]!, (string)metrics["count"]["unit"]!));
        foreach (var name in new[] { "explicit", "exponential" })
        {
            var point = metrics[name]["histogram"]!["dataPoints"]![0]!;
            Assert.Equal(("100", 5050.0), ((string)point["count"]!, (double)point["sum"]!));
            Assert.Equal(100, point["bucketCounts"]!.AsArray().Sum(count => long.Parse((string)count!)));
            Assert.Equal(point["explicitBounds"]!.AsArray().Count + 1, point["bucketCounts"]!.AsArray().Count);
        }
        Assert.InRange(Median(metrics["exponential"]["histogram"]!["dataPoints"]![0]!), 42, 60);
        // Where a percentile is shown, it is computed from these buckets.
        var page = await _dashboard.Client.GetStringAsync($"/metrics?resource={service}&instrument=explicit", TestContext.Current.CancellationToken);
        Assert.Contains("p95", page);
    }

    private async Task<JsonArray> LogsAsync(string query)
    {
        var groups = (await _dashboard.GetJsonAsync($"/api/telemetry/logs?{query}"))["data"]!["resourceLogs"]!.AsArray();
        return new JsonArray([.. groups.SelectMany(group => group!["scopeLogs"]!.AsArray())
            .SelectMany(scope => scope!["logRecords"]!.AsArray()).Select(record => record!.DeepClone())]);
    }

    private void Configure(OtlpExporterOptions options, OtlpExportProtocol protocol, string signal)
    {
        options.Protocol = protocol;
        options.Endpoint = protocol == OtlpExportProtocol.Grpc ? _dashboard.Grpc : new Uri(_dashboard.Http, $"/v1/{signal}");
    }

    private static string? Attribute(JsonNode item, string key) =>
        (string?)item["attributes"]!.AsArray().SingleOrDefault(attribute => (string)attribute!["key"]! == key)?["value"]!["stringValue"];

    private static double Median(JsonNode point)
    {
        var bounds = point["explicitBounds"]!.AsArray();
        var seen = 0L;
        for (var i = 0; ; i++)
        {
            seen += long.Parse((string)point["bucketCounts"]![i]!);
            if (seen >= 50) return (double)bounds[i]!;
        }
    }
}
