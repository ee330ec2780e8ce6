// The official client against the server at argv[2]; prints what it was told as one JSON object.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: process.argv[3] }];
const model = "sextant";

const models = [];
for await (const each of client.models.list()) models.push(each.id);

const whole = await client.chat.completions.create({ model, messages });
const streamed = [];
for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
  streamed.push(chunk.choices[0].delta.content ?? "");
}

const runner = client.chat.completions.stream({ model, messages });
const accumulated = await runner.finalChatCompletion();

const response = await client.responses.create({ model, input: process.argv[3] });
const events = [];
for await (const event of await client.responses.create({
  model,
  input: process.argv[3],
  stream: true,
})) {
  events.push(event.type);
}

const vectors = await client.embeddings.create({ model: models[2], input: ["Debris in low orbit"] });

let refused = null;
try {
  await client.chat.completions.create({ model, messages, n: 2 });
} catch (error) {
  refused = { name: error.constructor.name, status: error.status, param: error.param };
}

console.log(
  JSON.stringify({
    models,
    message: whole.choices[0].message,
    streamed: streamed.join(""),
    accumulated: accumulated.choices[0].message.content,
    response: response.output_text,
    events,
    vector: vectors.data[0].embedding,
    refused,
  }),
);
