using System.Net;
using Aspire.Hosting.Testing;
using Npgsql;

namespace TaskFlow.Local.Tests.Hosting;

public sealed class StartTests
{
    [Fact]
    public async Task Everything_starts_becomes_healthy_and_can_be_used()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(2));
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.TaskFlow_AppHost>(["--Web:Enabled=false", "--Dashboard:Enabled=false"], deadline.Token);
        await using var app = await builder.BuildAsync(deadline.Token);
        await app.StartAsync(deadline.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("push", deadline.Token);

        using var client = app.CreateHttpClient("push");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/alive", deadline.Token)).StatusCode);
        await using var connection = new NpgsqlConnection(await app.GetConnectionStringAsync("taskflow", deadline.Token));
        await connection.OpenAsync(deadline.Token);
        Assert.Equal("taskflow", connection.Database);
    }
}
