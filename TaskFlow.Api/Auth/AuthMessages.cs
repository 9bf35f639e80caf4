using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaskFlow.Api.Auth;

internal sealed record RegisterRequest(string? Email, string? Password, string? Name);

internal sealed record LoginRequest(string? Email, string? Password);

internal sealed record RefreshRequest(string? RefreshToken);

/// <summary>An account, as its owner sees it.</summary>
internal sealed record UserDto(Guid Id, string Email, string Name);

/// <param name="User">Who signed in.</param>
/// <param name="AccessToken">A JWT for <c>Authorization: Bearer</c>.</param>
/// <param name="ExpiresIn">Its life in seconds.</param>
/// <param name="RefreshToken">Good for one call of <c>/api/auth/refresh</c>.</param>
internal sealed record SignedIn(UserDto User, string AccessToken, int ExpiresIn, string RefreshToken);

/// <summary>A public key (RFC 7517).</summary>
internal sealed record Jwk(string Kty, string Use, string Alg, string Kid, string N, string E);

internal sealed record Jwks(IReadOnlyList<Jwk> Keys);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(RefreshRequest))]
[JsonSerializable(typeof(UserDto))]
[JsonSerializable(typeof(SignedIn))]
[JsonSerializable(typeof(Jwks))]
internal sealed partial class AuthJson : JsonSerializerContext;
