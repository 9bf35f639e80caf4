using System.Text.Json.Nodes;
using CsCheck;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Http;

/// <summary>Whatever a client sends: never a 500, always problem details, never another workspace's data, no half-written state.</summary>
public sealed class FuzzTests(ApiFixture fixture)
{
    private const int Requests = 800;
    private const string Secret = "of-another-workspace-7f3a";

    private static readonly string[] Codes =
    [
        "validation_failed", "unauthorized", "forbidden", "not_found", "conflict", "version_mismatch", "rate_limited", "too_large", "method_not_allowed",
        "unsupported_media_type", "gone",
    ];

    [Fact]
    public async Task No_request_breaks_anything()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var member = await fixture.AddMemberAsync(owner, workspace, "member");
        var mine = await FillAsync(owner, workspace, "mine");
        var (stranger, foreign) = await fixture.CreateWorkspaceAsync();
        var theirs = await FillAsync(stranger, foreign, Secret);
        var document = (await owner.Api.GetJsonAsync("/openapi/v1.json")).Expect(200).Json;
        var requests = new FuzzRequests(document, new Dictionary<string, string[]>
        {
            ["ws"] = [$"{workspace}", $"{workspace}", $"{workspace}", $"{foreign}"],
            ["p"] = [mine.Project, mine.Project, theirs.Project],
            ["id"] = [mine.Task, mine.Task, theirs.Task],
            ["c"] = [mine.Comment, theirs.Comment],
            ["userId"] = [$"{member.Id}", $"{owner.Id}", $"{stranger.Id}"],
        });

        await Gen.Int[0, int.MaxValue].SampleAsync(async seed =>
        {
            using var request = requests.Create(seed);
            var name = $"{request.Method} {request.RequestUri}";
            using var response = await owner.Api.SendAsync(request);
            var answer = await ApiResponse.ReadAsync(response, CancellationToken.None);
            if (answer.Status >= 500) throw new InvalidOperationException($"{name}: {answer.Status} {answer.Body}");
            if (answer.Status >= 400 && !Codes.Contains(answer.Code)) throw new InvalidOperationException($"{name}: {answer.Status} without a code: {answer.Body}");
            if (answer.Status == 400 && answer.Json["errors"] is not JsonObject { Count: > 0 }) throw new InvalidOperationException($"{name}: 400 without errors: {answer.Body}");
            if (answer.Body.Contains(Secret, StringComparison.Ordinal)) throw new InvalidOperationException($"{name}: another workspace's data: {answer.Body}");
        }, iter: Requests, threads: 2);

        await ExpectWholeAsync(owner, workspace);
        await ExpectWholeAsync(stranger, foreign);
        Assert.Equal(theirs.Head, await stranger.HeadAsync(foreign));
    }

    private sealed record Made(string Project, string Task, string Comment, long Head);

    private static async Task<Made> FillAsync(TestUser user, Guid workspace, string text)
    {
        (await user.Api.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = text })).Expect(200);
        var project = await user.CreateProjectAsync(workspace, name: text);
        var task = (await user.CreateTaskAsync(workspace, project, text)).Id();
        var comment = (await user.Api.PostJsonAsync($"/api/workspaces/{workspace}/tasks/{task}/comments", new { body = text })).Expect(201).Json.Id();
        return new Made($"{project}", $"{task}", $"{comment}", await user.HeadAsync(workspace));
    }

    /// <summary>The log has no gap up to its head, and everything can still be read.</summary>
    private static async Task ExpectWholeAsync(TestUser user, Guid workspace)
    {
        var seqs = new List<long>();
        JsonNode page;
        do
        {
            page = (await user.Api.GetJsonAsync($"/api/workspaces/{workspace}/events?after={seqs.LastOrDefault()}&limit=1000")).Expect(200).Json;
            seqs.AddRange(page["events"]!.AsArray().Select(item => item.Number("seq")));
        }
        while ((bool)page["hasMore"]!);
        Assert.Equal(Enumerable.Range(1, (int)page.Number("head")).Select(seq => (long)seq), seqs);
        (await user.Api.GetJsonAsync($"/api/workspaces/{workspace}/snapshot")).Expect(200);
    }
}
