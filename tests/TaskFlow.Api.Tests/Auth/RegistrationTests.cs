using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Auth;

public sealed class RegistrationTests(ApiFixture fixture)
{
    private static string NewEmail() => $"reg-{Guid.CreateVersion7():N}@example.org";

    [Fact]
    public async Task Registering_signs_in_and_me_tells_who()
    {
        using var http = fixture.Anonymous();
        var email = NewEmail();
        var answer = (await http.PostJsonAsync("/api/auth/register", new { email, password = "passw0rd", name = "  Zoë 🚀 " })).Expect(201);
        Assert.Equal(email, answer.Json["user"].Text("email"));
        Assert.Equal("Zoë 🚀", answer.Json["user"].Text("name"));
        Assert.Equal(900, answer.Json.Number("expiresIn"));

        var me = (await http.GetJsonAsync("/api/auth/me", ("Authorization", $"Bearer {answer.Json.Text("accessToken")}"))).Expect(200);
        Assert.Equal(answer.Json["user"].Id(), me.Json.Id());
        Assert.DoesNotContain("assword", me.Body);
    }

    [Fact]
    public async Task An_address_has_one_account_however_it_is_typed()
    {
        using var http = fixture.Anonymous();
        var email = NewEmail();
        (await http.PostJsonAsync("/api/auth/register", new { email, password = "passw0rd", name = "One" })).Expect(201);
        var again = (await http.PostJsonAsync("/api/auth/register", new { email = " " + email.ToUpperInvariant(), password = "passw0rd", name = "Two" })).Expect(409);
        Assert.Equal("conflict", again.Code);
        (await http.PostJsonAsync("/api/auth/login", new { email = email.ToUpperInvariant(), password = "passw0rd" })).Expect(200);
    }

    [Fact]
    public async Task Of_simultaneous_registrations_of_one_address_one_wins()
    {
        using var http = fixture.Anonymous();
        var email = NewEmail();
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => http.PostJsonAsync("/api/auth/register", new { email, password = "passw0rd", name = "Same" })));
        Assert.Equal([201, 409, 409, 409, 409], answers.Select(answer => answer.Status).Order());
    }

    [Theory]
    [InlineData("""{"password":"passw0rd","name":"A"}""", "email")]
    [InlineData("""{"email":"nobody","password":"passw0rd","name":"A"}""", "email")]
    [InlineData("""{"email":"a@b@c.org","password":"passw0rd","name":"A"}""", "email")]
    [InlineData("""{"email":"a b@c.org","password":"passw0rd","name":"A"}""", "email")]
    [InlineData("""{"email":"a\u0000b@c.org","password":"passw0rd","name":"A"}""", "email")]
    [InlineData("""{"email":"a@c.org","password":"pass1","name":"A"}""", "password")]
    [InlineData("""{"email":"a@c.org","password":"passwords","name":"A"}""", "password")]
    [InlineData("""{"email":"a@c.org","password":null,"name":"A"}""", "password")]
    [InlineData("""{"email":"a@c.org","password":12345678,"name":"A"}""", "password")]
    [InlineData("""{"email":"a@c.org","password":"passw0rd","name":"  "}""", "name")]
    [InlineData("""{"email":"a@c.org","password":"passw0rd","name":"\ud800"}""", "name")]
    [InlineData("""{"email":"a@c.org","password":"passw0rd","name":["A"]}""", "name")]
    [InlineData("""{"email":"a@c.org","password":"passw0rd","name":"A" """, "body")]
    [InlineData("[]", "body")]
    [InlineData("null", "body")]
    [InlineData("", "body")]
    public async Task What_is_wrong_is_named_by_field(string body, string field)
    {
        using var http = fixture.Anonymous();
        var answer = (await http.PostJsonAsync("/api/auth/register", body)).Expect(400);
        Assert.Equal("validation_failed", answer.Code);
        Assert.Equal([field], answer.Json["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_named_at_once()
    {
        using var http = fixture.Anonymous();
        var answer = (await http.PostJsonAsync("/api/auth/register", new { email = "x", password = "y", name = new string('n', 101) })).Expect(400);
        Assert.Equal(["email", "name", "password"], answer.Json["errors"]!.AsObject().Select(error => error.Key).Order());
    }

    [Fact]
    public async Task Unknown_fields_are_ignored()
    {
        using var http = fixture.Anonymous();
        var answer = (await http.PostJsonAsync("/api/auth/register",
            new { email = NewEmail(), password = "passw0rd", name = "A", id = Guid.Empty, isAdmin = true })).Expect(201);
        Assert.NotEqual(Guid.Empty, answer.Json["user"].Id());
    }
}
