using System.Text;
using Grpc.Core;
using Grpc.Core.Interceptors;
using TaskFlow.Local.DaprSidecar.Publishing;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Api;

internal static class GrpcErrors
{
    public static RpcException Of(PublishException error) => new(new Status(error.GrpcStatus, error.Message));
}

/// <summary>Asks every gRPC call for the token, where one is set.</summary>
internal sealed class ApiTokenInterceptor(SidecarOptions options) : Interceptor
{
    private readonly byte[]? _expected = options.ApiToken is { } token ? Encoding.UTF8.GetBytes(token) : null;

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        if (_expected is not null && !HttpApi.IsToken(context.RequestHeaders.GetValue("dapr-api-token"), _expected))
        {
            throw new RpcException(new Status(StatusCode.Unauthenticated, "authentication error: api token is missing or wrong"));
        }
        return continuation(request, context);
    }
}
