namespace TaskFlow.Api.Access;

/// <summary>What a role may allow; <see cref="RoleMatrix"/> says which role allows what.</summary>
internal enum Permission
{
    ReadWorkspace,
    ShowPresence,
    LeaveWorkspace,
    WriteTasks,
    WriteComments,
    ModerateComments,
    WriteProjects,
    RenameWorkspace,
    ManageMembers,
    ManageInvitations,
    ManageOwners,
    DeleteWorkspace,
}
