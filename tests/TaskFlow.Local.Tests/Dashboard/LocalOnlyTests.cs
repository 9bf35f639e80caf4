using System.Net;
using System.Net.NetworkInformation;
using TaskFlow.Testing;

namespace TaskFlow.Local.Tests.Dashboard;

/// <summary>No login, so nobody but this machine's own pages and programs gets an answer.</summary>
public sealed class LocalOnlyTests(DashboardFixture fixture) : IClassFixture<DashboardFixture>
{
    private readonly DashboardProcess _dashboard = fixture.Dashboard;

    [Theory]
    [InlineData("/")]
    [InlineData("/api/resources")]
    [InlineData("/api/telemetry/traces")]
    [InlineData("/_blazor/negotiate")]
    public async Task A_foreign_name_for_this_machine_gets_nothing(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = $"rebound.example:{_dashboard.Url.Port}" } };
        using var answer = await _dashboard.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("Origin", "http://elsewhere.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://localhost:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_page_from_elsewhere_cannot_stop_a_resource(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/resources/api/stop");
        request.Headers.Add(header, value);
        using var answer = await _dashboard.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Its_own_page_may_call_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/telemetry/resources");
        request.Headers.Add("Origin", _dashboard.Url.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var answer = await _dashboard.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_page_from_elsewhere_cannot_send_telemetry_either()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces") { Content = new StringContent("{}", null, "application/json") };
        request.Headers.Add("Origin", "http://elsewhere.example");
        using var answer = await _dashboard.Otlp.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Every_page_says_what_a_browser_must_not_do_with_it()
    {
        using var answer = await _dashboard.Client.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public void It_listens_on_loopback_only()
    {
        int[] ports = [_dashboard.Url.Port, _dashboard.Grpc.Port, _dashboard.Http.Port];
        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(listener => ports.Contains(listener.Port)).ToList();
        Assert.NotEmpty(listeners);
        Assert.All(listeners, listener => Assert.True(IPAddress.IsLoopback(listener.Address), listener.ToString()));
    }

    [Fact]
    public async Task Pages_and_telemetry_keep_to_their_own_ports()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await _dashboard.Otlp.GetAsync("/", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _dashboard.Otlp.GetAsync("/api/resources", TestContext.Current.CancellationToken)).StatusCode);
        using var body = new StringContent("{}", null, "application/json");
        using var answer = await _dashboard.Client.PostAsync("/v1/traces", body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task An_address_that_others_could_reach_is_refused_at_the_start()
    {
        await using var exposed = DashboardProcess.Launch(("Dashboard__Url", "http://0.0.0.0:21999"));
        await exposed.WaitForExitAsync();
        Assert.NotEqual(0, exposed.ExitCode);
        await Deadline.UntilAsync("the reason is printed", () => Task.FromResult(exposed.Output.Contains("loopback", StringComparison.Ordinal)),
            cancellationToken: TestContext.Current.CancellationToken);
    }
}
