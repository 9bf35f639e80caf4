namespace TaskFlow.Api.Access;

/// <summary>What a route asks of the caller's role.</summary>
internal sealed record PermissionMetadata(Permission Permission);

/// <summary>Marks routes that read the caller's role again in their transaction.</summary>
internal sealed class RoleReadAgainMetadata;

/// <summary>Marks routes that leave the refusal of a repetition to their transaction.</summary>
internal sealed class RepetitionsKnownBetterMetadata;

internal static class AccessExtensions
{
    /// <summary>
    /// Only members of the workspace in the route value <c>ws</c> whose role has the permission get through: 404 for strangers and unknown
    /// workspaces, 403 for too weak a role, both before the body is read. On a group it holds for all its routes; a route's own takes its place.
    /// </summary>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder builder, Permission permission) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new PermissionMetadata(permission));

    /// <summary>
    /// The same for a route that changes things by <see cref="Events.EventLog.WriteAsync"/>, which reads the role again: until then this instance may rely on what it
    /// read a moment ago.
    /// </summary>
    public static TBuilder RequirePermissionToChange<TBuilder>(this TBuilder builder, Permission permission) where TBuilder : IEndpointConventionBuilder =>
        builder.RequirePermission(permission).WithMetadata(new RoleReadAgainMetadata());

    /// <summary>
    /// For a route by which callers may take the permission from themselves. Whoever is still a member and sends an Idempotency-Key gets through whatever their
    /// role, so that the repetition is answered as the first time: the transaction looks the key up, then checks the permission, which it must do itself.
    /// </summary>
    public static TBuilder RefuseRepetitionsInTransaction<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RepetitionsKnownBetterMetadata());
}
