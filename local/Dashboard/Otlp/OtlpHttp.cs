using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using TaskFlow.Local.Dashboard.Otlp.Contracts;
using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Otlp;

/// <summary>OTLP over HTTP: <c>POST /v1/traces|logs|metrics</c> with a protobuf or JSON body, plain or gzip.</summary>
internal static class OtlpHttp
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    public static void MapOtlpHttp(this IEndpointRouteBuilder app, DashboardOptions options)
    {
        var store = app.ServiceProvider.GetRequiredService<TelemetryStore>();
        var receiver = app.ServiceProvider.GetRequiredService<Receiver>();
        app.MapPost("/v1/traces", context => Take(context, options, store, OtlpJson.Default.ExportTraceRequest, receiver.Take, "rejectedSpans"));
        app.MapPost("/v1/logs", context => Take(context, options, store, OtlpJson.Default.ExportLogsRequest, receiver.Take, "rejectedLogRecords"));
        app.MapPost("/v1/metrics", context => Take(context, options, store, OtlpJson.Default.ExportMetricsRequest, receiver.Take, "rejectedDataPoints"));
    }

    private static async Task Take<T>(
        HttpContext context, DashboardOptions options, TelemetryStore store, JsonTypeInfo<T> json, Func<T, ExportResponse> take, string rejectedName)
        where T : class
    {
        var type = context.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        if (type is not (Protobuf or Json))
        {
            await Refuse(context, store, Protobuf, StatusCodes.Status415UnsupportedMediaType, $"The content type must be {Protobuf} or {Json}.");
            return;
        }
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or "gzip"))
        {
            await Refuse(context, store, type, StatusCodes.Status415UnsupportedMediaType, "The content encoding must be gzip or identity.");
            return;
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = options.MaxMessageBytes;
        T? request;
        try
        {
            using var body = await Read(context.Request.Body, encoding == "gzip", options.MaxMessageBytes, context.RequestAborted);
            request = type == Json ? JsonSerializer.Deserialize(body, json) : (T)OtlpCodec.Model.Deserialize(body, null, typeof(T));
        }
        catch (BadHttpRequestException failure)
        {
            await Refuse(context, store, type, failure.StatusCode, failure.Message);
            return;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The readers throw whatever they stumble over; all of it means that the body is not what its type says.
            await Refuse(context, store, type, StatusCodes.Status400BadRequest, "The body is not a valid OTLP message.");
            return;
        }
        if (request is null) await Refuse(context, store, type, StatusCodes.Status400BadRequest, "The body is not a valid OTLP message.");
        else await Answer(context, type, take(request), rejectedName);
    }

    private static async Task<MemoryStream> Read(Stream body, bool isGzip, int maximum, CancellationToken cancellationToken)
    {
        await using var source = isGzip ? new GZipStream(body, CompressionMode.Decompress, leaveOpen: true) : body;
        var copy = new MemoryStream();
        var buffer = new byte[32 * 1024];
        while (await source.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (copy.Length + read > maximum)
                throw new BadHttpRequestException($"The message is longer than {maximum} bytes.", StatusCodes.Status413PayloadTooLarge);
            copy.Write(buffer, 0, read);
        }
        copy.Position = 0;
        return copy;
    }

    private static Task Answer(HttpContext context, string type, ExportResponse response, string rejectedName)
    {
        if (type == Protobuf) return WriteProtobuf(context, response);
        var body = new JsonObject();
        if (response.PartialSuccess is { } partial)
            body["partialSuccess"] = new JsonObject { [rejectedName] = $"{partial.Rejected}", ["errorMessage"] = partial.ErrorMessage };
        context.Response.ContentType = Json;
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private static Task Refuse(HttpContext context, TelemetryStore store, string type, int status, string message)
    {
        store.Refuse(1, message);
        context.Response.StatusCode = status;
        const int invalidArgument = 3; // google.rpc.Code
        if (type == Protobuf) return WriteProtobuf(context, new RpcStatus { Code = invalidArgument, Message = message });
        context.Response.ContentType = Json;
        return context.Response.WriteAsync(new JsonObject { ["code"] = invalidArgument, ["message"] = message }.ToJsonString(), context.RequestAborted);
    }

    private static async Task WriteProtobuf(HttpContext context, object message)
    {
        using var body = new MemoryStream();
        OtlpCodec.Model.Serialize(body, message);
        context.Response.ContentType = Protobuf;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }
}
