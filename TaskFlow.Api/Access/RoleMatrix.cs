using TaskFlow.Contracts;

namespace TaskFlow.Api.Access;

/// <summary>Who may do what: the one place that says so.</summary>
internal static class RoleMatrix
{
    /// <summary>The weakest role that has a permission; every stronger role has it too.</summary>
    private static readonly Dictionary<Permission, string> Weakest = new()
    {
        [Permission.ReadWorkspace] = Roles.Guest,
        [Permission.ShowPresence] = Roles.Guest,
        [Permission.LeaveWorkspace] = Roles.Guest,
        [Permission.WriteTasks] = Roles.Member,
        [Permission.WriteComments] = Roles.Member,    // edits and deletes: one's own only
        [Permission.ModerateComments] = Roles.Admin,  // deletes others' comments, does not edit them
        [Permission.WriteProjects] = Roles.Admin,
        [Permission.RenameWorkspace] = Roles.Admin,
        [Permission.ManageMembers] = Roles.Admin,     // up to one's own role, and never an owner without being one
        [Permission.ManageInvitations] = Roles.Admin, // up to one's own role
        [Permission.ManageOwners] = Roles.Owner,
        [Permission.DeleteWorkspace] = Roles.Owner,
    };

    /// <summary>Weakest first.</summary>
    private static readonly string[] Order = [Roles.Guest, Roles.Member, Roles.Admin, Roles.Owner];

    public static bool Allows(string role, Permission permission) => Rank(role) >= Rank(Weakest[permission]);

    /// <summary>Whether one role is at least as strong as another: nobody grants a role above their own.</summary>
    public static bool CanGrant(string ownRole, string granted) => Rank(ownRole) >= Rank(granted);

    /// <summary>The roles that a role may invite to.</summary>
    public static IEnumerable<string> InvitableBy(string role) => Allows(role, Permission.ManageInvitations) ? Order.Where(granted => CanGrant(role, granted)) : [];

    /// <summary>The roles that have a permission, strongest first.</summary>
    public static IEnumerable<string> WithPermission(Permission permission) => Order.Where(role => Allows(role, permission)).Reverse();

    private static int Rank(string role) => Array.IndexOf(Order, role) is var rank and >= 0 ? rank : throw new ArgumentOutOfRangeException(nameof(role), role, "No such role.");
}
