using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace TaskFlow.Browser.Tests;

internal static class Accessibility
{
    /// <summary>Fails with what axe finds serious or critical on a page as it is now.</summary>
    public static async Task CheckAsync(IPage page, string name)
    {
        var result = await page.RunAxe();
        var serious = result.Violations.Where(violation => violation.Impact is "serious" or "critical").ToList();
        Assert.True(serious.Count == 0, $"{name}:\n{string.Join('\n', serious.Select(Describe))}");
    }

    private static string Describe(AxeResultItem violation) =>
        $"{violation.Impact} {violation.Id}: {violation.Help}\n{string.Join('\n', violation.Nodes.Take(4).Select(node => $"  {node.Html}"))}";
}
