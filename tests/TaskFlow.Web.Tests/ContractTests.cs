using TaskFlow.Testing;

namespace TaskFlow.Web.Tests;

public sealed class ContractTests
{
    /// <summary>web/contract has the cases: each transport, cut sockets, presence, notifications, removal, sign-out.</summary>
    [Fact]
    public async Task Client_library_and_services_keep_to_the_protocol()
    {
        var ct = TestContext.Current.CancellationToken;
        await NodeTool.RequireAsync(ct);
        await using var system = await TaskFlowSystem.StartAsync();
        var environment = new Dictionary<string, string> { ["TASKFLOW_API"] = system.ApiUrl.GetLeftPart(UriPartial.Authority) };
        await NodeTool.SucceedAsync("npm", ["run", "--silent", "test:contract"], ct, environment);
    }
}
