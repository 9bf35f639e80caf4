using Npgsql;

namespace TaskFlow.Api.Tests.Database;

/// <summary>An empty database on the running system's server, for instances that must not share the system's own.</summary>
internal sealed class OwnDatabase(ApiFixture fixture, string name) : IAsyncDisposable
{
    /// <summary>For an instance's <c>ConnectionStrings:taskflow</c>.</summary>
    public string ConnectionString { get; } = new NpgsqlConnectionStringBuilder(fixture.DatabaseConnection) { Database = name }.ConnectionString;

    /// <summary>For looking into it; no connection is kept.</summary>
    public NpgsqlDataSource Source { get; } = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(fixture.DatabaseConnection) { Database = name, Pooling = false });

    public static async Task<OwnDatabase> CreateAsync(ApiFixture fixture)
    {
        var name = $"own_{Guid.NewGuid():N}";
        await using var create = fixture.Database.CreateCommand($"create database {name}");
        await create.ExecuteNonQueryAsync();
        return new OwnDatabase(fixture, name);
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await using var drop = fixture.Database.CreateCommand($"drop database if exists {name} with (force)");
        await drop.ExecuteNonQueryAsync();
    }
}
