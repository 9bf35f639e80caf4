using System.Text.Json.Serialization;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Workspaces;

internal sealed record CreateWorkspaceRequest(string? Name);

internal sealed record UpdateWorkspaceRequest(Optional<string> Name);

/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Role">The caller's role in it.</param>
/// <param name="Head">The seq of its newest event.</param>
/// <param name="CreatedAt">When it was created.</param>
internal sealed record WorkspaceDto(Guid Id, string Name, string Role, long Head, DateTimeOffset CreatedAt);

internal sealed record WorkspaceChange(string Name);

internal sealed record AddMemberRequest(string? Email, string? Role);

internal sealed record UpdateMemberRequest(Optional<string> Role);

internal sealed record MemberDto(Guid UserId, string Name, string Email, string Role, DateTimeOffset JoinedAt);

internal sealed record MemberChange(string Role);

internal sealed record CreateInvitationRequest(string? Role);

/// <param name="Id">Its id, to revoke it by.</param>
/// <param name="Token">The secret of the link. It is not shown again.</param>
/// <param name="Url">The page of the web app that accepts it.</param>
/// <param name="Role">The role that it gives.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">Until when it can be accepted.</param>
internal sealed record InvitationLink(Guid Id, string Token, string Url, string Role, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>An invitation that still can be accepted.</summary>
internal sealed record InvitationDto(Guid Id, string Role, Guid CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <param name="Token">A JWT for real-time connections to this workspace, and nothing else.</param>
/// <param name="ExpiresIn">Its life in seconds.</param>
/// <param name="Url">Where to connect.</param>
internal sealed record RealtimeToken(string Token, int ExpiresIn, string Url);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(CreateWorkspaceRequest))]
[JsonSerializable(typeof(UpdateWorkspaceRequest))]
[JsonSerializable(typeof(WorkspaceDto))]
[JsonSerializable(typeof(WorkspaceChange))]
[JsonSerializable(typeof(Page<WorkspaceDto>))]
[JsonSerializable(typeof(AddMemberRequest))]
[JsonSerializable(typeof(UpdateMemberRequest))]
[JsonSerializable(typeof(MemberDto))]
[JsonSerializable(typeof(MemberChange))]
[JsonSerializable(typeof(Page<MemberDto>))]
[JsonSerializable(typeof(CreateInvitationRequest))]
[JsonSerializable(typeof(InvitationLink))]
[JsonSerializable(typeof(InvitationDto))]
[JsonSerializable(typeof(Page<InvitationDto>))]
[JsonSerializable(typeof(RealtimeToken))]
internal sealed partial class WorkspacesJson : JsonSerializerContext;
