// An attribute of OpenTelemetry, as text.
global using Tag = System.Collections.Generic.KeyValuePair<string, string>;
