using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TaskFlow.Contracts;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests.Support;

/// <summary>
/// The boundary to the Api as Push sees it: the service feed, the heads, the tasks and the keys, from a log that the test writes. What the real
/// Api makes of it is proven in the tests of the whole system; here it can be made slow, wrong or absent at will.
/// </summary>
public sealed class FeedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<Guid, Log> _logs = new();
    private readonly RSA _rsa = RSA.Create(2048);
    private int _feedReads;
    private int _taskLookups;

    private FeedServer(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        builder.Services.AddRouting();
        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            if (IsAway) context.Response.StatusCode = 503;
            else await next();
        });
        _app.MapGet("/.well-known/jwks.json", Keys);
        _app.MapGet("/internal/workspaces/{ws:guid}/feed", async (Guid ws, long after, int limit, bool members = false) =>
        {
            var page = Feed(ws, after, limit, members);
            await Telling;
            return page;
        });
        _app.MapGet("/internal/workspaces/{ws:guid}/tasks/{id:guid}", async (Guid ws, Guid id) =>
        {
            var isThere = _logs.TryGetValue(ws, out var log) && log.Tasks.Contains(id);
            Interlocked.Increment(ref _taskLookups);
            await Telling;
            return isThere ? Results.NoContent() : Results.NotFound();
        });
        _app.MapPost("/internal/heads", Heads);
        Address = new Uri($"http://127.0.0.1:{port}");
    }

    public Uri Address { get; }
    public string KeyId { get; set; } = "test-1";
    public string Epoch { get; set; } = "epoch-1";
    public bool IsAway { get; set; }

    /// <summary>What it says about heads breaks off in the middle.</summary>
    public bool BreaksOff { get; set; }

    /// <summary>The events of the feed are no events.</summary>
    public bool IsGarbled { get; set; }

    /// <summary>Feed and tasks are looked up at once, but told only when this has completed.</summary>
    public Task Telling { get; set; } = Task.CompletedTask;

    /// <summary>How many ids the largest request for heads asked about.</summary>
    public int MostIdsAsked { get; private set; }
    public int FeedReads => Volatile.Read(ref _feedReads);
    public int TaskLookups => Volatile.Read(ref _taskLookups);
    public ConcurrentDictionary<Guid, bool> Revoked { get; } = new();

    public static async Task<FeedServer> StartAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            var server = new FeedServer(Ports.Free());
            try
            {
                await server._app.StartAsync();
                return server;
            }
            catch (IOException) when (attempt < 5) { }
        }
    }

    /// <summary>A new workspace with these members; each one's membership is an event.</summary>
    public Guid CreateWorkspace(params Person[] members)
    {
        var id = Guid.CreateVersion7();
        _logs[id] = new Log();
        foreach (var person in members) AddMember(id, person);
        return id;
    }

    public byte[] AddMember(Guid workspace, Person person, string role = Roles.Member)
    {
        lock (_logs[workspace]) _logs[workspace].Members[person.Id] = new FeedMember(person.Id, person.Name, role);
        return Append(workspace, EventTypes.MemberAdded, new { userId = person.Id, name = person.Name, email = $"{person.Id:N}@example.org", role, joinedAt = DateTimeOffset.UtcNow }, member: person.Id);
    }

    public byte[] RemoveMember(Guid workspace, Person person)
    {
        lock (_logs[workspace]) _logs[workspace].Members.Remove(person.Id);
        return Append(workspace, EventTypes.MemberRemoved, new { }, member: person.Id);
    }

    public Guid CreateTask(Guid workspace)
    {
        var id = Guid.CreateVersion7();
        lock (_logs[workspace]) _logs[workspace].Tasks.Add(id);
        return id;
    }

    /// <summary>Commits one event and returns it as it would be published.</summary>
    public byte[] Append(Guid workspace, string type = EventTypes.TaskUpdated, object? payload = null, Guid? task = null, Guid? member = null, params (Person To, string Text)[] notifications)
    {
        var log = _logs[workspace];
        lock (log)
        {
            var message = new EventMessage
            {
                Type = type,
                WorkspaceId = workspace,
                Seq = log.Events.Count + 1,
                TaskId = task,
                MemberId = member,
                UserId = Guid.CreateVersion7(),
                UserName = "Grace Example",
                Payload = JsonSerializer.SerializeToElement(payload ?? new { title = $"Change {log.Events.Count + 1}" }, JsonSerializerOptions.Web),
                Timestamp = DateTimeOffset.UtcNow,
                Internals = new EventInternals
                {
                    CommittedAtMicros = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / 10,
                    Notifications = notifications.Length == 0 ? null : [.. notifications.Select(item => new AddressedNotification(item.To.Id, new Notification
                    {
                        Id = Guid.CreateVersion7(), Kind = NotificationKinds.Mention, WorkspaceId = workspace, TaskId = task, Text = item.Text,
                        By = new PersonRef(Guid.CreateVersion7(), "Grace Example"), CreatedAt = DateTimeOffset.UtcNow,
                    }))],
                },
            };
            log.Events.Add(message);
            return JsonSerializer.SerializeToUtf8Bytes(message, TaskFlowJson.Relaxed.EventMessage);
        }
    }

    public long Head(Guid workspace)
    {
        lock (_logs[workspace]) return _logs[workspace].Events.Count;
    }

    /// <summary>Events up to that seq are no longer kept.</summary>
    public void Forget(Guid workspace, long upTo)
    {
        lock (_logs[workspace]) _logs[workspace].KeptAfter = upTo;
    }

    /// <summary>The database was restored to an older state.</summary>
    public void Rewind(Guid workspace, int head)
    {
        lock (_logs[workspace]) _logs[workspace].Events.RemoveRange(head, _logs[workspace].Events.Count - head);
    }

    public void Delete(Guid workspace) => _logs.TryRemove(workspace, out _);

    public string Token(Person person, Guid? workspace = null, TimeSpan? lifetime = null, Guid? session = null)
    {
        var claims = new List<Claim> { new(TokenNames.SubjectClaim, $"{person.Id}"), new(TokenNames.SessionClaim, $"{session ?? person.Session}"), new(TokenNames.NameClaim, person.Name) };
        if (workspace is { } only) claims.Add(new Claim(TokenNames.WorkspaceClaim, $"{only}"));
        var now = DateTime.UtcNow;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = TokenNames.Issuer,
            Audience = workspace is null ? TokenNames.AccessAudience : TokenNames.RealtimeAudience,
            Subject = new ClaimsIdentity(claims),
            NotBefore = now.AddMinutes(-10),
            IssuedAt = now.AddMinutes(-10),
            Expires = now + (lifetime ?? TimeSpan.FromMinutes(15)),
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(_rsa) { KeyId = KeyId }, SecurityAlgorithms.RsaSha256),
        });
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IResult Keys()
    {
        var parameters = _rsa.ExportParameters(false);
        return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = KeyId, n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) } } });
    }

    private IResult Feed(Guid ws, long after, int limit, bool members = false)
    {
        Interlocked.Increment(ref _feedReads);
        if (!_logs.TryGetValue(ws, out var log)) return Results.NotFound();
        if (IsGarbled) return Results.Text($"{{\"events\":[{{\"type\":\"task.updated\",\"workspaceId\":\"none\",\"seq\":{after + 1}}}],\"head\":{after + 1},\"epoch\":\"{Epoch}\"}}", "application/json");
        lock (log)
        {
            var gone = after < log.KeptAfter;
            var events = gone ? [] : log.Events.Skip((int)Math.Min(after, int.MaxValue)).Take(limit).ToList();
            return Results.Json(new FeedPage
            {
                Events = events,
                Head = log.Events.Count,
                Epoch = Epoch,
                HasMore = events.Count > 0 && after + events.Count < log.Events.Count,
                Reset = gone,
                Members = members ? [.. log.Members.Values] : null,
            }, TaskFlowJson.Relaxed.FeedPage);
        }
    }

    private async Task<IResult> Heads(HttpRequest request)
    {
        var asked = (await JsonSerializer.DeserializeAsync(request.Body, TaskFlowJson.Relaxed.HeadsRequest))!;
        MostIdsAsked = Math.Max(MostIdsAsked, asked.Workspaces.Count + asked.Sessions.Count);
        if (BreaksOff)
        {
            (request.HttpContext.Response.ContentType, request.HttpContext.Response.ContentLength) = ("application/json", 1_000);
            await request.HttpContext.Response.WriteAsync("{\"epoch\":"); // Kestrel ends the connection for what is missing.
            return Results.Empty;
        }
        var heads = new Dictionary<Guid, long>();
        foreach (var id in asked.Workspaces) if (_logs.TryGetValue(id, out var log)) lock (log) heads[id] = log.Events.Count;
        return Results.Json(new HeadsResponse { Epoch = Epoch, Heads = heads, Revoked = [.. asked.Sessions.Where(Revoked.ContainsKey)] }, TaskFlowJson.Relaxed.HeadsResponse);
    }

    private sealed class Log
    {
        public List<EventMessage> Events { get; } = [];
        public Dictionary<Guid, FeedMember> Members { get; } = [];
        public HashSet<Guid> Tasks { get; } = [];
        public long KeptAfter { get; set; }
    }
}

/// <summary>Somebody with a login session.</summary>
public sealed record Person(Guid Id, string Name, Guid Session)
{
    public static Person New(string name = "Ada Example") => new(Guid.CreateVersion7(), name, Guid.CreateVersion7());
}
