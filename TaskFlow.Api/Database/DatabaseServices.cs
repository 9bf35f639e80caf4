using TaskFlow.Contracts;

namespace TaskFlow.Api.Database;

internal static class DatabaseServices
{
    /// <summary>The data source, the migrations and the readiness check.</summary>
    public static void AddDatabase(this WebApplicationBuilder builder)
    {
        DapperSetup.Apply();
        var settings = DatabaseSettings.From(builder.Configuration, Topology.Resources.Database);
        builder.AddNpgsqlDataSource(Topology.Resources.Database, npgsql =>
        {
            npgsql.ConnectionString = settings.ConnectionString;
            npgsql.DisableHealthChecks = true; // ours below fails faster and remembers its answer
        }, dataSource => dataSource.UseSpanNames());
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<SchemaReady>();
        builder.Services.AddHostedService<Migrator>();
        builder.Services.AddOptions<HousekeepingOptions>().BindConfiguration(HousekeepingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<Housekeeping>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("postgres");
    }
}
