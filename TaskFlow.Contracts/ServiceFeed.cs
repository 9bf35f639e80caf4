namespace TaskFlow.Contracts;

/// <summary>A page of a workspace's log for Push: like the public feed, with notifications, and with the members it applies to.</summary>
public sealed record FeedPage
{
    /// <summary>The events behind the asked position, in seq order.</summary>
    public required IReadOnlyList<EventMessage> Events { get; init; }

    /// <summary>The workspace's newest seq at the time of reading.</summary>
    public required long Head { get; init; }

    /// <summary>Names the history that the seqs belong to; another one means that history may have been rewritten.</summary>
    public required string Epoch { get; init; }

    /// <summary>Whether more events follow those of this page.</summary>
    public required bool HasMore { get; init; }

    /// <summary>True when events behind the asked position are no longer kept.</summary>
    public required bool Reset { get; init; }

    /// <summary>Everybody in the workspace as of exactly <see cref="Head"/>; only when asked for with <c>members=true</c>.</summary>
    public IReadOnlyList<FeedMember>? Members { get; init; }
}

/// <summary>A member as Push needs to know them.</summary>
/// <param name="UserId">The user's id.</param>
/// <param name="Name">The user's name.</param>
/// <param name="Role">One of <see cref="Roles"/>.</param>
public sealed record FeedMember(Guid UserId, string Name, string Role);

/// <summary>The bulk question Push asks every second or two.</summary>
public sealed record HeadsRequest
{
    /// <summary>How many ids, workspaces and sessions together, one request may name: what fits into a body of 1 MB with room to spare. More is a 400: ask in parts.</summary>
    public const int MaxIds = 20_000;

    /// <summary>Workspaces with clients on the asking instance.</summary>
    public required IReadOnlyList<Guid> Workspaces { get; init; }

    /// <summary>Sessions with connections on the asking instance.</summary>
    public IReadOnlyList<Guid> Sessions { get; init => field = value ?? []; } = []; // null is what generated JSON gives where they are left out
}

/// <summary>The answer to <see cref="HeadsRequest"/>.</summary>
public sealed record HeadsResponse
{
    /// <summary>One epoch holds for the whole database.</summary>
    public required string Epoch { get; init; }

    /// <summary>The newest seq of each asked workspace that exists; a workspace that is missing here was deleted.</summary>
    public required IReadOnlyDictionary<Guid, long> Heads { get; init; }

    /// <summary>Those of the asked sessions that are revoked or unknown.</summary>
    public required IReadOnlyList<Guid> Revoked { get; init; }
}

/// <summary>Roles in a workspace, weakest last.</summary>
public static class Roles
{
    /// <summary>May do everything.</summary>
    public const string Owner = "owner";

    /// <summary>Also projects, the workspace's name, invitations, members up to admin.</summary>
    public const string Admin = "admin";

    /// <summary>Writes tasks and comments.</summary>
    public const string Member = "member";

    /// <summary>Reads and receives everything, changes nothing.</summary>
    public const string Guest = "guest";
}
