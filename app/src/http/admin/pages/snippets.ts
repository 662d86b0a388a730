// Ready lines for whoever connects a till, with this box's own address.

export interface Snippet {
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

/** `secret` is null where no new key is shown: the reader puts his own in. */
export function snippetsFor(base: string, terminal: string, secret: string | null): Snippet[] {
  const key = secret ?? '<key>';
  return [
    { name: 'curl', title: 'curl', text: curl(base, terminal, key) },
    { name: 'bsl', title: '1C / BAS (BSL)', text: bsl(base, terminal, key) },
  ];
}

function curl(base: string, terminal: string, key: string): string {
  return `curl --request PUT '${base}/v1/operations/order-77?wait=310' \\
  --header 'Authorization: Bearer ${key}' \\
  --header 'Content-Type: application/json' \\
  --data '{"kind":"purchase","terminal":"${terminal}","amount":12345,"reference":"order 77"}'`;
}

function bsl(base: string, terminal: string, key: string): string {
  const url = new URL(base);
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? '443' : '80') : url.port;
  const tls = secure ? ', Новый ЗащищенноеСоединениеOpenSSL()' : '';
  return `// Ідентифікатор документа робить повтор безпечним: двічі не спишеться.
Соединение = Новый HTTPСоединение("${url.hostname}", ${port}, , , , 320${tls});
Запрос = Новый HTTPЗапрос("/v1/operations/" + Строка(Документ.УникальныйИдентификатор()) + "?wait=310");
Запрос.Заголовки.Вставить("Authorization", "Bearer ${key}");
Запрос.Заголовки.Вставить("Content-Type", "application/json");
Запрос.УстановитьТелоИзСтроки("{""kind"":""purchase"",""terminal"":""${terminal}"",""amount"":" + Формат(Сумма * 100, "ЧГ=0; ЧДЦ=0") + "}");
Ответ = Соединение.ВызватьHTTPМетод("PUT", Запрос);
// 200: операцію завершено; 202: спитайте ще раз тим самим ідентифікатором.`;
}
