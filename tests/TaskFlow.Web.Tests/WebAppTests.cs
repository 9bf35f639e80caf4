using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaskFlow.Web.Tests;

public sealed partial class WebAppTests
{
    /// <summary>What a browser has to load before the first screen, compressed.</summary>
    private const int FirstLoadBudget = 200 * 1024;

    [Fact]
    public async Task Type_check_finds_nothing()
    {
        await NodeTool.RequireAsync(TestContext.Current.CancellationToken);
        await NodeTool.NpmAsync("typecheck", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Unit_tests_pass()
    {
        await NodeTool.RequireAsync(TestContext.Current.CancellationToken);
        await NodeTool.NpmAsync("test", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Build_keeps_to_the_budget_and_the_content_security_policy()
    {
        var ct = TestContext.Current.CancellationToken;
        await NodeTool.RequireAsync(ct);
        var output = Directory.CreateTempSubdirectory("taskflow-web-");
        try
        {
            await NodeTool.NpmAsync("build", ct, "--outDir", output.FullName, "--emptyOutDir");

            var page = await File.ReadAllTextAsync(Path.Combine(output.FullName, "index.html"), ct);
            Assert.DoesNotMatch(InlineScript(), page);
            Assert.DoesNotMatch(InlineStyle(), page);

            var files = await FirstLoadAsync(output.FullName, ct);
            var size = files.Sum(file => CompressedSize(Path.Combine(output.FullName, file)));
            Assert.True(size <= FirstLoadBudget, $"The first load is {size / 1024} KB compressed, the budget is {FirstLoadBudget / 1024} KB: {string.Join(", ", files)}");
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    /// <summary>The page, its entry script, and all that this imports at once, with their styles.</summary>
    private static async Task<IReadOnlyCollection<string>> FirstLoadAsync(string folder, CancellationToken ct)
    {
        await using var manifest = File.OpenRead(Path.Combine(folder, ".vite", "manifest.json"));
        using var chunks = await JsonDocument.ParseAsync(manifest, cancellationToken: ct);
        var files = new SortedSet<string> { "index.html" };
        var seen = new HashSet<string>();
        foreach (var chunk in chunks.RootElement.EnumerateObject())
        {
            if (chunk.Value.TryGetProperty("isEntry", out var isEntry) && isEntry.GetBoolean()) Add(chunk.Name);
        }
        Assert.NotEmpty(seen);
        return files;

        void Add(string name)
        {
            if (!seen.Add(name)) return;
            var chunk = chunks.RootElement.GetProperty(name);
            files.Add(chunk.GetProperty("file").GetString()!);
            foreach (var style in Strings(chunk, "css")) files.Add(style);
            foreach (var import in Strings(chunk, "imports")) Add(import);
        }
    }

    private static IEnumerable<string> Strings(JsonElement chunk, string property) =>
        chunk.TryGetProperty(property, out var values) ? values.EnumerateArray().Select(value => value.GetString()!) : [];

    private static long CompressedSize(string file)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(File.ReadAllBytes(file));
        return compressed.Length;
    }

    [GeneratedRegex("<script(?![^>]*\\bsrc=)[^>]*>", RegexOptions.IgnoreCase)]
    private static partial Regex InlineScript();

    [GeneratedRegex("<style|\\sstyle=|\\son[a-z]+=", RegexOptions.IgnoreCase)]
    private static partial Regex InlineStyle();
}
