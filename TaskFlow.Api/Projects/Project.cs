using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Projects;

/// <summary>A project as clients see it. Its key begins its tasks' keys and never changes.</summary>
internal sealed record Project(Guid Id, Guid WorkspaceId, string Key, string Name, Guid CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>What <see cref="Read"/> needs, in its order; the table is called p.</summary>
    public const string Columns = "p.id, p.workspace_id, p.key, p.name, p.created_by, p.created_at, p.updated_at";

    public static Project Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetGuid(4), row.GetFieldValue<DateTimeOffset>(5), row.GetFieldValue<DateTimeOffset>(6));
}

internal sealed record NewProject(string? Name, string? Key);

/// <summary>The fields of a project that are to change.</summary>
internal sealed record ProjectPatch
{
    public Optional<string> Name { get; init; }
}

/// <summary>The payload of <c>project.updated</c>.</summary>
internal sealed record ProjectChanges(string Name);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Project))]
[JsonSerializable(typeof(Page<Project>))]
[JsonSerializable(typeof(NewProject))]
[JsonSerializable(typeof(ProjectPatch))]
[JsonSerializable(typeof(ProjectChanges))]
internal sealed partial class ProjectsJson : JsonSerializerContext;
