using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Http;

public sealed class IdempotencyTests(ApiFixture fixture)
{
    private static (string, string) Key(string key) => ("Idempotency-Key", key);

    [Fact]
    public async Task A_repetition_answers_as_the_first_time_and_changes_nothing()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var project = await owner.CreateProjectAsync(workspace);
        var path = $"/api/workspaces/{workspace}/projects/{project}/tasks";
        var first = (await owner.Api.PostJsonAsync(path, new { title = "Once" }, Key("create"))).Expect(201);
        var head = await owner.HeadAsync(workspace);

        var again = (await owner.Api.PostJsonAsync(path, new { title = "Once" }, Key("create"))).Expect(201);
        Assert.Equal(first.Body, again.Body);
        Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.Equal(first.ContentHeaders.ContentType, again.ContentHeaders.ContentType);
        Assert.Equal(head, await owner.HeadAsync(workspace));
    }

    [Fact]
    public async Task A_repetition_is_answered_as_then_though_things_have_moved_on()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var first = (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "First" }, Key("rename"))).Expect(200);
        (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "Second" })).Expect(200);
        Assert.Equal(first.Body, (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "First" }, Key("rename"))).Expect(200).Body);
        Assert.Equal("Second", (await owner.Api.GetJsonAsync($"/api/workspaces/{workspace}")).Json.Text("name"));
    }

    [Fact]
    public async Task A_used_invitation_answers_its_user_again()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var link = (await owner.Api.PostJsonAsync($"/api/workspaces/{workspace}/invitations", new { role = "member" })).Expect(201);
        using var user = await fixture.RegisterAsync();
        var path = $"/api/invitations/{link.Json.Text("token")}/accept";
        var first = (await user.Api.PostJsonAsync(path, null, Key("join"))).Expect(200);
        Assert.Equal(first.Body, (await user.Api.PostJsonAsync(path, null, Key("join"))).Expect(200).Body);
        (await user.Api.PostJsonAsync(path, null, Key("another"))).Expect(410);
    }

    [Fact]
    public async Task An_answer_that_was_sealed_under_another_secret_is_a_conflict()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var path = $"/api/workspaces/{workspace}/invitations";
        (await owner.Api.PostJsonAsync(path, new { role = "member" }, Key("invite"))).Expect(201);
        using var elsewhere = (await fixture.SecondInstanceAsync()).CreateClient(owner.AccessToken); // its KeyEncryptionSecret is another one
        Assert.Equal("conflict", (await elsewhere.PostJsonAsync(path, new { role = "member" }, Key("invite"))).Expect(409).Code);
        Assert.Single((await owner.Api.GetJsonAsync(path)).Json["data"]!.AsArray());
    }

    [Fact]
    public async Task Who_gives_up_their_own_role_is_answered_again_and_changes_nothing_more()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var second = await fixture.AddMemberAsync(owner, workspace, "owner");
        using var stranger = await fixture.RegisterAsync();
        var members = $"/api/workspaces/{workspace}/members";
        var first = (await second.Api.PatchJsonAsync($"{members}/{second.Id}", new { role = "guest" }, Key("step-down"))).Expect(200);
        var head = await owner.HeadAsync(workspace);

        Assert.Equal(first.Body, (await second.Api.PatchJsonAsync($"{members}/{second.Id}", new { role = "guest" }, Key("step-down"))).Expect(200).Body);
        // The key opens nothing else, and nothing to anybody else.
        (await second.Api.PatchJsonAsync($"{members}/{second.Id}", new { role = "guest" })).Expect(403);
        (await second.Api.PatchJsonAsync($"{members}/{second.Id}", new { role = "owner" }, Key("another"))).Expect(403);
        (await second.Api.PatchJsonAsync($"{members}/{owner.Id}", new { role = "guest" }, Key("step-down"))).Expect(403);
        (await second.Api.PatchJsonAsync($"{members}/{Guid.NewGuid()}", new { role = "guest" }, Key("step-down"))).Expect(403);
        (await stranger.Api.PatchJsonAsync($"{members}/{second.Id}", new { role = "guest" }, Key("step-down"))).Expect(404);
        Assert.Equal(head, await owner.HeadAsync(workspace));

        (await owner.Api.DeleteJsonAsync($"{members}/{second.Id}")).Expect(204);
        (await second.Api.PatchJsonAsync($"{members}/{second.Id}", new { role = "guest" }, Key("step-down"))).Expect(404);
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_a_conflict()
    {
        using var user = await fixture.RegisterAsync();
        (await user.Api.PostJsonAsync("/api/workspaces", new { name = "One" }, Key("k"))).Expect(201);
        Assert.Equal("conflict", (await user.Api.PostJsonAsync("/api/workspaces", new { name = "Two" }, Key("k"))).Expect(409).Code);
        Assert.Single((await user.Api.GetJsonAsync("/api/workspaces")).Json["data"]!.AsArray());
    }

    [Fact]
    public async Task Simultaneous_repetitions_make_one_change()
    {
        using var user = await fixture.RegisterAsync();
        for (var round = 0; round < 5; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => user.Api.PostJsonAsync("/api/workspaces", new { name = $"Round {round}" }, Key($"race-{round}"))));
            Assert.All(answers, answer => Assert.True(answer.Status is 201 or 409, answer.Body));
            Assert.Single(answers.Where(answer => answer.Status == 201).Select(answer => answer.Body).Distinct());
        }
        Assert.Equal(5, (await user.Api.GetJsonAsync("/api/workspaces")).Json["data"]!.AsArray().Count);
    }

    [Fact]
    public async Task While_the_first_request_runs_the_key_is_taken()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        await using var connection = await fixture.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("select 1 from workspaces where id = $1 for update", connection) { Parameters = { new() { Value = workspace } } })
        {
            await hold.ExecuteScalarAsync();
        }
        // Whichever comes first waits for the row that this test holds; the other finds the key taken.
        var waiting = ChangeAsync();
        await Deadline.UntilAsync("one of the two is told to wait", async () =>
        {
            var other = ChangeAsync();
            var answered = await Task.WhenAny(waiting, other);
            if (answered == waiting) waiting = other;
            return (await answered).Status == 409;
        }, TimeSpan.FromSeconds(4));
        await transaction.RollbackAsync();
        (await waiting).Expect(200);

        Task<ApiResponse> ChangeAsync() => owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "Held" }, Key("held"));
    }

    [Fact]
    public async Task Repetitions_that_come_together_all_get_the_answer_that_is_kept()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var task = (await owner.CreateTaskAsync(workspace, await owner.CreateProjectAsync(workspace))).Id();
        (string Path, object Body)[] changes = [($"/api/workspaces/{workspace}", new { name = "Twice" }), ($"/api/workspaces/{workspace}/tasks/{task}", new { title = "Twice" })];
        foreach (var (path, body) in changes)
        {
            var first = (await owner.Api.PatchJsonAsync(path, body, Key("together"))).Expect(200);
            await using var connection = await fixture.Database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            // One repetition is held up in its transaction: on another instance by the lock of the key, on this one by its row.
            await using var hold = new Npgsql.NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1, 0))", connection)
            {
                Parameters = { new() { Value = $"{owner.Id}\nPATCH {path}\ntogether" } },
            };
            await hold.ExecuteNonQueryAsync();
            Assert.Equal(first.Body, (await owner.Api.PatchJsonAsync(path, body, Key("together"))).Expect(200).Body);

            await using var holdRow = new Npgsql.NpgsqlCommand("select 1 from tasks where id = $1 for update", connection) { Parameters = { new() { Value = task } } };
            await holdRow.ExecuteNonQueryAsync();
            var held = owner.Api.PatchJsonAsync(path, body, Key("together"));
            await Deadline.UntilAsync("it waits for the row, where it wants it", async () => held.IsCompleted || await IsBlockingAsync(connection.ProcessID));
            for (var i = 0; i < 3; i++) Assert.Equal(first.Body, (await owner.Api.PatchJsonAsync(path, body, Key("together"))).Expect(200).Body);
            await transaction.RollbackAsync();
            Assert.Equal(first.Body, (await held).Expect(200).Body);
            Assert.Equal("conflict", (await owner.Api.PatchJsonAsync(path, new { }, Key("together"))).Expect(409).Code);
        }
    }

    private async Task<bool> IsBlockingAsync(int session)
    {
        await using var command = fixture.Database.CreateCommand("select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))");
        command.Parameters.Add(new() { Value = session });
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    [Fact]
    public async Task A_refusal_is_not_kept()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var user = await fixture.RegisterAsync();
        var path = $"/api/workspaces/{workspace}/members";
        await owner.AddMemberAsync(workspace, user);
        (await owner.Api.PostJsonAsync(path, new { email = user.Email, role = "guest" }, Key("add"))).Expect(409);
        (await owner.Api.DeleteJsonAsync($"{path}/{user.Id}")).Expect(204);
        (await owner.Api.PostJsonAsync(path, new { email = user.Email, role = "guest" }, Key("add"))).Expect(201);
    }

    [Fact]
    public async Task Keys_are_per_person_and_per_route()
    {
        using var first = await fixture.RegisterAsync();
        using var second = await fixture.RegisterAsync();
        var one = (await first.Api.PostJsonAsync("/api/workspaces", new { name = "Mine" }, Key("k"))).Expect(201).Json.Id();
        Assert.NotEqual(one, (await second.Api.PostJsonAsync("/api/workspaces", new { name = "Mine" }, Key("k"))).Expect(201).Json.Id());
        (await first.Api.PatchJsonAsync($"/api/workspaces/{one}", new { name = "Mine too" }, Key("k"))).Expect(200);
    }

    [Fact]
    public async Task After_a_day_a_key_is_new_again()
    {
        using var user = await fixture.RegisterAsync();
        (await user.Api.PostJsonAsync("/api/workspaces", new { name = "Old" }, Key("k"))).Expect(201);
        await using (var age = fixture.Database.CreateCommand("update idempotency_keys set created_at = created_at - interval '25 hours' where user_id = $1"))
        {
            age.Parameters.Add(new() { Value = user.Id });
            await age.ExecuteNonQueryAsync();
        }
        (await user.Api.PostJsonAsync("/api/workspaces", new { name = "New" }, Key("k"))).Expect(201);
        (await user.Api.PostJsonAsync("/api/workspaces", new { name = "New" }, Key("k"))).Expect(201);
        Assert.Equal(2, (await user.Api.GetJsonAsync("/api/workspaces")).Json["data"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_key_that_is_none_is_refused()
    {
        using var user = await fixture.RegisterAsync();
        (await user.Api.PostJsonAsync("/api/workspaces", new { name = "W" }, Key(new string('k', 200)))).Expect(201);
        foreach (var key in new[] { new string('k', 201), "" })
        {
            var answer = (await user.Api.PostJsonAsync("/api/workspaces", new { name = "W" }, Key(key))).Expect(400);
            Assert.Equal(["Idempotency-Key"], answer.Json["errors"]!.AsObject().Select(error => error.Key));
        }
    }

    [Fact]
    public async Task Tokens_are_never_kept()
    {
        using var user = await fixture.RegisterAsync();
        var workspace = await user.CreateWorkspaceAsync();
        var first = (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = user.RefreshToken }, Key("k"))).Expect(200);
        Assert.NotEqual(user.RefreshToken, first.Json.Text("refreshToken"));
        (await user.Api.PostJsonAsync($"/api/workspaces/{workspace}/realtime-token", null, Key("k"))).Expect(200);
        await using var count = fixture.Database.CreateCommand("select count(*) from idempotency_keys where user_id = $1");
        count.Parameters.Add(new() { Value = user.Id });
        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }
}
