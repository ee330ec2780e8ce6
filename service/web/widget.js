// <sextant-ask>: a question box for any page. One script tag, from the server that answers:
//
//   <script src="https://sextant.example/web/widget.js" async></script>
//   <sextant-ask lang="fr"></sextant-ask>
//
// The server must allow the page's origin (SEXTANT_WIDGET_ORIGINS). Attributes: `lang`, the
// language of the box (else the page's); `server`, when it is not the script's own; `question`,
// asked at once. Text of documents is only ever set as text, never parsed.
(() => {
  const HOME = new URL("/", document.currentScript.src).href;
  const WORDS = {
    en: ["Question", "Ask", "Searching…", "Sources", "The documents do not answer this", "The server cannot be reached", "para. {}",
      "Uncertain: answers this unsure are wrong more often than right. Check the sources."],
    fr: ["Question", "Demander", "Recherche…", "Sources", "Les documents ne répondent pas à cela", "Le serveur est injoignable", "par. {}",
      "Incertain : une réponse aussi peu sûre est plus souvent fausse que juste. Vérifiez les sources."],
    es: ["Pregunta", "Preguntar", "Buscando…", "Fuentes", "Los documentos no responden a esto", "No se puede conectar con el servidor", "párr. {}",
      "Dudoso: una respuesta tan poco segura falla más veces de las que acierta. Compruebe las fuentes."],
    ru: ["Вопрос", "Спросить", "Поиск…", "Источники", "В документах нет ответа", "Сервер недоступен", "п. {}",
      "Ненадёжно: при такой уверенности ответ чаще неверен, чем верен. Проверьте источники."],
    zh: ["问题", "提问", "正在搜索…", "来源", "文件没有回答这个问题", "无法连接服务器", "第{}段",
      "不确定：把握这样低的回答，错的多于对的。请核对来源。"],
    ar: ["السؤال", "اسأل", "جارٍ البحث…", "المصادر", "لا تجيب الوثائق عن هذا", "تعذّر الوصول إلى الخادم", "الفقرة {}",
      "غير مؤكد: الجواب بهذا القدر من اليقين يخطئ أكثر مما يصيب. تحقق من المصادر."],
  };
  const STYLE = `
:host { display: block; max-width: 40rem; color-scheme: light dark;
  --sextant-ink: light-dark(#18202c, #e5e9f1); --sextant-paper: light-dark(#fff, #191f2b);
  --sextant-accent: light-dark(#1c4f91, #8db7f2); --sextant-on-accent: light-dark(#fff, #0d1726);
  --sextant-soft: light-dark(#535e72, #a5afc3); --sextant-edge: light-dark(#7b869b, #77839b); }
:host([hidden]) { display: none; }
section { padding: 1rem; color: var(--sextant-ink); background: var(--sextant-paper);
  border: 1px solid var(--sextant-edge); border-radius: .6rem; font: 1rem/1.6 system-ui, sans-serif; }
form { display: grid; gap: .3rem; } label { font-weight: 600; }
div { display: flex; gap: .5rem; }
input, button { min-height: 2.6rem; font: inherit; border-radius: .45rem; }
input { flex: 1; min-width: 0; padding: .3rem .7rem; color: inherit; background: transparent; border: 1px solid var(--sextant-edge); }
button { padding: .3rem 1rem; font-weight: 600; cursor: pointer; color: var(--sextant-on-accent); background: var(--sextant-accent); border: 0; }
:focus-visible { outline: 2px solid var(--sextant-accent); outline-offset: 2px; }
p { margin: .75rem 0 0; white-space: pre-line; overflow-wrap: anywhere; }
ol { margin: .75rem 0 0; padding: 0; list-style: none; } li + li { margin-top: .5rem; }
a { color: var(--sextant-accent); } small { display: block; color: var(--sextant-soft); }
[role=status]:empty { margin: 0; }`;

  const made = (name, given = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(given)) if (value) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  // The events of a streamed answer, each [name, data]; an event is 'event: NAME', 'data: JSON' and
  // an empty line.
  async function* eventsOf(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (text + part.value).split("\n\n");
      text = events.pop();
      for (const event of events) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? [];
        if (name) yield [name, JSON.parse(data)];
      }
    }
  }

  const refusal = (problem) => new Error(problem.detail || problem.title);

  class SextantAsk extends HTMLElement {
    #root = this.attachShadow({ mode: "open", delegatesFocus: true });
    #asking = null;
    static observedAttributes = ["lang", "server"];

    connectedCallback() {
      this.#draw();
      const question = this.getAttribute("question");
      if (question) this.ask(question);
    }

    disconnectedCallback() { this.#asking?.abort(); }

    attributeChangedCallback() { if (this.isConnected && this.#root.firstChild) this.#draw(); }

    get #server() { return new URL(this.getAttribute("server") || HOME, document.baseURI); }

    #draw() {
      const wanted = this.lang || document.documentElement.lang || navigator.language;
      const language = Object.keys(WORDS).find((each) => wanted.toLowerCase().startsWith(each)) ?? "en";
      const [question, ask] = this.words = WORDS[language];
      const sheet = new CSSStyleSheet(); // a style element would need the host page's leave
      sheet.replaceSync(STYLE);
      this.#root.adoptedStyleSheets = [sheet];
      const box = made("input", { id: "box", dir: "auto", required: "required", autocomplete: "off" });
      const form = made("form", {}, made("label", { for: "box" }, question),
        made("div", {}, box, made("button", { type: "submit" }, ask)));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (box.value.trim()) this.ask(box.value.trim());
      });
      this.status = made("p", { role: "status" });
      this.answer = made("p", { dir: "auto", "aria-live": "polite" }); // read out once it is whole
      this.sources = made("ol", { "aria-label": this.words[3] });
      this.#root.replaceChildren(made("section", { lang: language, dir: language === "ar" ? "rtl" : "ltr", "aria-label": "Sextant" },
        form, this.status, this.answer, this.sources));
    }

    // Asks, and shows what comes as it comes; also for the page that embeds. Fires 'sextant-answer'.
    async ask(question) {
      const [, , searching, , none, lost, , doubt] = this.words;
      this.#asking?.abort();
      const mine = this.#asking = new AbortController();
      this.#root.getElementById("box").value = question;
      this.#show(searching);
      this.answer.setAttribute("aria-busy", "true");
      try {
        const response = await fetch(new URL("/api/ask", this.#server), {
          method: "POST", signal: mine.signal, body: JSON.stringify({ question }),
          headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
        });
        if (!response.ok) throw refusal(await response.json().catch(() => ({ title: lost })));
        let given = null;
        for await (const [name, data] of eventsOf(response)) {
          if (mine.signal.aborted) return;
          if (name === "problem") throw refusal(data);
          if (name === "answer") given = data;
          if (name === "text") this.#show("", this.answer.textContent + data.text);
        }
        if (!given) throw new TypeError("the stream broke off");
        this.#show(given.abstained ? none : given.uncertain ? doubt : "", given.answer, given.language);
        this.sources.append(...given.citations.map((each) => this.#source(each)));
        this.dispatchEvent(new CustomEvent("sextant-answer", { bubbles: true, detail: given }));
      } catch (error) {
        if (mine.signal.aborted) return;
        this.#show(error instanceof TypeError ? lost : error.message);
      }
      this.answer.setAttribute("aria-busy", "false");
    }

    #show(status, answer = "", language = "") {
      this.status.textContent = status;
      this.answer.textContent = answer;
      this.answer.lang = language;
      this.sources.replaceChildren();
    }

    #source(cited) {
      const place = cited.paragraph ? `#para-${encodeURIComponent(cited.paragraph)}` : "";
      const path = cited.document_id.split("/").map(encodeURIComponent).join("/");
      const href = new URL(`/d/${path}?mark=${cited.start}-${cited.end}${place}`, this.#server).href;
      const where = [cited.symbol, cited.paragraph && this.words[6].replace("{}", cited.paragraph)].filter(Boolean).join(", ");
      return made("li", {}, made("a", { href, target: "_blank", rel: "noopener" }, `[${cited.n}] `, cited.title || cited.file), made("small", {}, where));
    }
  }

  if (!customElements.get("sextant-ask")) customElements.define("sextant-ask", SextantAsk);
})();
