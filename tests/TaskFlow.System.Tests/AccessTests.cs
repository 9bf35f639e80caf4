using System.Net;
using System.Net.WebSockets;
using TaskFlow.Testing;

namespace TaskFlow.System.Tests;

/// <summary>Who may open a real-time connection, and when it ends.</summary>
public sealed class AccessTests(SystemFixture fixture)
{
    private readonly TaskFlowSystem _system = fixture.System;

    [Theory]
    [InlineData("ws")]
    [InlineData("sse")]
    [InlineData("poll")]
    public async Task Without_a_good_token_or_membership_nothing_opens(string transport)
    {
        using var ada = await _system.RegisterAsync("Ada Example");
        using var stranger = await _system.RegisterAsync("Sam Stranger");
        var workspace = await ada.CreateWorkspaceAsync();
        var other = await ada.CreateWorkspaceAsync("Other");
        var path = $"/realtime/{workspace}/{transport}?wait=1";

        Assert.Equal(401, await StatusAsync(path, null, transport));
        Assert.Equal(401, await StatusAsync(path, "not-a-token", transport));
        Assert.Equal(403, await StatusAsync(path, stranger.AccessToken, transport));
        Assert.Equal(403, await StatusAsync($"/realtime/{Guid.CreateVersion7()}/{transport}?wait=1", ada.AccessToken, transport));
        Assert.Equal(403, await StatusAsync(path, await ada.RealtimeTokenAsync(other), transport));
    }

    [Fact]
    public async Task A_realtime_token_opens_nothing_at_the_api()
    {
        using var ada = await _system.RegisterAsync("Ada Example");
        var workspace = await ada.CreateWorkspaceAsync();
        using var client = _system.CreateApiClient();
        var answer = await client.GetJsonAsync($"/api/workspaces/{workspace}", ("Authorization", $"Bearer {await ada.RealtimeTokenAsync(workspace)}"));
        Assert.Equal(401, answer.Status);
        Assert.Equal("unauthorized", answer.Code);
    }

    [Fact]
    public async Task A_removed_member_is_disconnected_within_seconds()
    {
        using var ada = await _system.RegisterAsync("Ada Example");
        using var bob = await _system.RegisterAsync("Bob Example");
        var workspace = await ada.CreateWorkspaceAsync();
        await ada.AddMemberAsync(workspace, bob);
        await using var connection = await _system.ConnectAsync(bob, workspace, Transport.WebSocket);
        await connection.NextAsync("welcome");

        (await ada.Api.DeleteJsonAsync($"/api/workspaces/{workspace}/members/{bob.Id}")).Expect(204);

        await connection.Ended.WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);
        Assert.Equal(4403, connection.CloseCode);
        await Assert.ThrowsAsync<WebSocketException>(() => WebSocketConnection.OpenAsync(_system.PushUrl, workspace, bob.AccessToken));
        Assert.Equal(404, (await bob.Api.PostJsonAsync($"/api/workspaces/{workspace}/realtime-token", null)).Status);
    }

    [Fact]
    public async Task A_logged_out_session_is_disconnected()
    {
        using var ada = await _system.RegisterAsync("Ada Example");
        var workspace = await ada.CreateWorkspaceAsync();
        await using var connection = await _system.ConnectAsync(ada, workspace, Transport.WebSocket);
        await connection.NextAsync("welcome");

        (await ada.Api.PostJsonAsync("/api/auth/logout", new { refreshToken = ada.RefreshToken })).Expect(204);

        await connection.Ended.WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);
        Assert.Equal(4401, connection.CloseCode);
    }

    private async Task<int> StatusAsync(string path, string? token, string transport)
    {
        using var client = new HttpClient { BaseAddress = _system.PushUrl };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (transport == "ws")
        {
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
            request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
            request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        }
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.NotEqual(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        return (int)response.StatusCode;
    }
}
