using System.Net;
using System.Text.RegularExpressions;
using TaskFlow.Testing;

namespace TaskFlow.Local.Tests.Dashboard;

/// <summary>What the pages say, as the server renders them.</summary>
public sealed partial class PageTests(DashboardFixture fixture) : IClassFixture<DashboardFixture>
{
    private readonly DashboardProcess _dashboard = fixture.Dashboard;

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task It_runs_from_its_build_output_in_any_environment_with_all_its_files(string environment)
    {
        await using var dashboard = await DashboardProcess.StartAsync(("ASPNETCORE_ENVIRONMENT", environment), ("DOTNET_ENVIRONMENT", environment));
        var page = await dashboard.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
        var files = Files().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Contains(files, file => file.Contains("blazor.web", StringComparison.Ordinal));
        Assert.Contains(files, file => file.EndsWith(".css", StringComparison.Ordinal));
        foreach (var file in files)
        {
            using var answer = await dashboard.Client.GetAsync($"/{file}", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("/", "No AppHost")]
    [InlineData("/console", "No AppHost")]
    [InlineData("/traces/0123", "This trace is not here")]
    [InlineData("/logs?q=nothing-like-this", "Logs")]
    [InlineData("/traces?errors=nonsense&q=nothing-like-this", "Nothing matches|No traces yet")]
    [InlineData("/metrics?resource=none&minutes=nonsense", "Metrics")]
    [InlineData("/updates?open=0123&sort=slowest", "Updates")]
    public async Task A_page_without_anything_to_show_says_so(string path, string text)
    {
        using var answer = await _dashboard.Client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Matches(text, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_page_that_is_not_there_is_404() =>
        Assert.Equal(HttpStatusCode.NotFound, (await _dashboard.Client.GetAsync("/nowhere", TestContext.Current.CancellationToken)).StatusCode);

    [Fact]
    public async Task An_update_shows_where_its_time_went()
    {
        var traceId = OtlpSamples.NewTraceId();
        await SendUpdateAsync(traceId);

        var page = await TextAsync($"/updates?open={traceId}");
        Assert.Contains("Dapr took 60 ms of 80 ms", page);
        Assert.Contains("sockets of one instance", page);
        // HTTP 2, transaction 5, relay 1, Dapr 60, Redis 4, fan-out 8.
        foreach (var share in new[] { "HTTP 2 ms", "Transaction 5 ms", "Relay 1 ms", "Redis 4 ms", "Fan-out 8 ms" }) Assert.Contains(share, page);

        var trace = await TextAsync($"/traces/{traceId}");
        Assert.Contains("80 ms", trace);
        Assert.Contains("As an update", trace);
    }

    [Fact]
    public async Task An_update_that_was_published_with_others_is_followed_through_the_link()
    {
        var (first, second) = (OtlpSamples.NewTraceId(), OtlpSamples.NewTraceId());
        await PostAsync("api", OtlpSamples.Span(second, "PATCH /api/x", 0, 8, kind: 2), OtlpSamples.Span(second, "transaction", 2, 7));
        await PostAsync("api", OtlpSamples.Span(first, "outbox publish", 10, 12, kind: 4, linkTo: second));
        await PostAsync("push", OtlpSamples.Span(second, "fan-out", 20, 25, kind: 5));

        var page = await TextAsync($"/updates?open={second}");
        Assert.Contains("Relay 3 ms", page);
        Assert.Contains("of 25 ms", page);
        // The slowest hop has no span in this trace: it is shown at the one behind which it begins.
        var details = await _dashboard.Client.GetStringAsync($"/updates?open={second}", TestContext.Current.CancellationToken);
        Assert.Matches($"""<a href="/traces/{second}\?span=[0-9a-f]+">Trace, at its slowest hop""", details);
        Assert.Contains($"/traces/{first}", await _dashboard.Client.GetStringAsync($"/traces/{second}", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_long_trace_is_shown_as_far_as_somebody_looks()
    {
        var traceId = OtlpSamples.NewTraceId();
        var spans = Enumerable.Range(0, 1500).Select(i => OtlpSamples.Span(traceId, $"step {i}", i, i + 1)).ToArray();
        await PostAsync("long", spans);

        Assert.Equal((0, 199, false, true), await ShownAsync(""));
        Assert.Equal((600, 799, true, true), await ShownAsync($"?span={(string)spans[700]["spanId"]!}"));
        Assert.Equal((1300, 1499, true, false), await ShownAsync($"?span={(string)spans[^1]["spanId"]!}"));

        async Task<(int First, int Last, bool IsEarlier, bool IsMore)> ShownAsync(string query)
        {
            var page = await _dashboard.Client.GetStringAsync($"/traces/{traceId}{query}", TestContext.Current.CancellationToken);
            var shown = Steps().Matches(page).Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(Enumerable.Range(shown[0], shown.Count), shown);
            return (shown[0], shown[^1], page.Contains("Show earlier", StringComparison.Ordinal), Regex.IsMatch(page, "Show more of 1.?500"));
        }
    }

    [Fact]
    public async Task Logs_of_a_trace_are_one_link_away()
    {
        var traceId = OtlpSamples.NewTraceId();
        await PostAsync("api", OtlpSamples.Span(traceId, "GET /x", 0, 1, kind: 2));
        (await _dashboard.PostAsync("logs", OtlpSamples.Logs("api", "what <i>happened</i>", 17, traceId))).EnsureSuccessStatusCode();
        Assert.Contains($"/logs?trace={traceId}", await _dashboard.Client.GetStringAsync($"/traces/{traceId}", TestContext.Current.CancellationToken));
        Assert.Contains("what &lt;i&gt;happened", await _dashboard.Client.GetStringAsync($"/logs?trace={traceId}", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Spans_can_be_followed_as_they_arrive()
    {
        var (before, after) = (OtlpSamples.NewTraceId(), OtlpSamples.NewTraceId());
        await PostAsync("followed", OtlpSamples.Span(before, "before", 0, 1));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline.Default);
        await using var stream = await _dashboard.Client.GetStreamAsync("/api/telemetry/spans?follow=true&resource=followed", deadline.Token);
        using var reader = new StreamReader(stream);
        Assert.Contains(before, await reader.ReadLineAsync(deadline.Token));
        await PostAsync("other", OtlpSamples.Span(OtlpSamples.NewTraceId(), "other", 0, 1));
        await PostAsync("followed", OtlpSamples.Span(after, "after", 0, 1));
        Assert.Contains(after, await reader.ReadLineAsync(deadline.Token));
    }

    [Theory]
    [InlineData("/api/telemetry/traces?resource=nobody", HttpStatusCode.NotFound)]
    [InlineData("/api/telemetry/traces/00112233445566778899aabbccddeeff", HttpStatusCode.NotFound)]
    [InlineData("/api/telemetry/logs?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/telemetry/logs?severity=dreadful", HttpStatusCode.BadRequest)]
    [InlineData("/api/telemetry/spans?limit=many", HttpStatusCode.BadRequest)]
    [InlineData("/api/resources", HttpStatusCode.ServiceUnavailable)]
    public async Task Questions_without_an_answer_are_problems(string path, HttpStatusCode status)
    {
        using var answer = await _dashboard.Client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
    }

    private async Task SendUpdateAsync(string traceId)
    {
        var (request, publish) = (OtlpSamples.NewSpanId(), OtlpSamples.NewSpanId());
        await PostAsync("api",
            OtlpSamples.Span(traceId, "PATCH /api/workspaces/{ws}/tasks/{id}", 0, 9, kind: 2, spanId: request),
            OtlpSamples.Span(traceId, "transaction", 2, 7, parentId: request),
            OtlpSamples.Span(traceId, "outbox publish", 8, 12, kind: 4, spanId: publish, parentId: request));
        await PostAsync("push",
            OtlpSamples.Span(traceId, "POST /events/workspace", 68, 73, kind: 2, parentId: publish),
            OtlpSamples.Span(traceId, "fan-out", 72, 80, kind: 5, parentId: publish));
    }

    private async Task PostAsync(string service, params System.Text.Json.Nodes.JsonObject[] spans) =>
        (await _dashboard.PostAsync("traces", OtlpSamples.Traces(service, spans))).EnsureSuccessStatusCode();

    /// <summary>A page's text, titles of bars included, without its markup.</summary>
    private async Task<string> TextAsync(string path)
    {
        var html = await _dashboard.Client.GetStringAsync(path, TestContext.Current.CancellationToken);
        return Blanks().Replace(Tags().Replace(html.Replace("title=\"", "> ", StringComparison.Ordinal), " "), " ");
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("<div class=\"name\"[^>]*step (\\d+)\"")]
    private static partial Regex Steps();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("(?:src|href)=\"([^\"/][^\"]*\\.(?:js|css|svg))\"")]
    private static partial Regex Files();
}
