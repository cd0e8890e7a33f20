"""The script that pages carry, from ``bootstrap.js``; written by ``python -m scripts.hydration_script``."""

SCRIPT = r"""(()=>{var $=([s,{value:t,reason:e,variation:i,version:r,errorCode:n,errorDetails:o}])=>n?{key:s,errorCode:n,errorDetails:o}:
{key:s,value:t,reason:e,variant:i,metadata:{flagVersion:r}};function w({ofrep:s,flags:t,etag:e},i){if(!s)return;
let r=s.flags??Object.entries(t??{}).map($);return{id:i,bulk:{...s,flags:r},etag:e??"",atMs:Date.now(),source:"\
page"}}var l=({bulk:s})=>String(s.metadata?.version??"0-0");function m(s,t){let[e=0,i=0]=l(s).split("-").map(Number),
[r=0,n=0]=l(t).split("-").map(Number);return e-r||i-n}var I=()=>globalThis.navigator.onLine===!1;function A(s,t){
if(!s||!t)return s??t;let e=m(t,s);return e>0||e===0&&I()?t:s}function p(s){let{level:t=0,age:e=0}=s.bulk.metadata??
{};return{version:l(s),level:s.source==="kept"||I()?3:t,age:e+Math.max(0,Math.round((Date.now()-s.atMs)/1e3)),
source:s.source}}function f(s){return Array.isArray(s)?`[${s.map(f).join()}]`:!s||typeof s!="object"?JSON.stringify(s)??"null":
`{${Object.keys(s).sort().map(e=>`${JSON.stringify(e)}:${f(s[e])}`).join()}}`}function g(s){let t=2166136261;for(let e=0;e<
s.length;e++)t=Math.imul(t^s.charCodeAt(e),16777619);return(t>>>0).toString(36)}function R({headers:s},t){return/^bearer (.*)$/i.
exec(s.get("Authorization")??"")?.[1].trim()??s.get("X-API-Key")??t.searchParams.get("key")??""}function N(s){
let t=s?.targetingKey;return(typeof t=="string"||Number.isInteger(t))&&String(t)||void 0}var K="flaghoist:events:",V=25e4,_=1e3,F=100,L=16e3,U=5e3,W=6e4,b=class{constructor(t,e){this.i=t,this.h=e,this.a=
K+g(e),this.t=[],this.n=0,this.r=void 0,this.e=0,this.flush=this.flush.bind(this)}put(t){let e={id:G(),...t,at:Date.
now(),source:"web"};JSON.stringify(e).length>L||(this.t=[...this.t.slice(1-_),e],this.t.length>=F&&!this.e?this.
flush():this.l())}flush(){var t;return this[t="r"]??(this[t]=this.T().finally(()=>this.r=void 0)),this.r}leave(){
for(;this.t.length;){let t=this.u();if(this.e||globalThis.navigator.onLine===!1||!this.S(t))return this.O();this.f(
t)}}comeBack(){try{let t=this.d();if(!t.length)return;globalThis.localStorage.removeItem(this.a),this.t=[...t,
...this.t].slice(-_),this.l()}catch{}}l(){var t;this.r||this[t="n"]||(this[t]=globalThis.setTimeout(this.flush,
U))}async T(){for(globalThis.clearTimeout(this.n),this.n=0;this.t.length;){let t=this.u(),e=await this.v(t);if(this.e=
e?this.e+1:0,e){this.n=globalThis.setTimeout(this.flush,e);return}this.f(t)}}async v(t){let e=0;try{let r={"Co\
ntent-Type":"text/plain;charset=UTF-8"},n=await this.i(this.h,{method:"POST",headers:r,body:H(t),keepalive:!0});
if(n.status!==429&&n.status<500)return 0;e=Number(n.headers.get("Retry-After"))||0}catch{}let i=Math.min(W,U*2**
this.e)*(.5+Math.random()/2);return Math.max(i,e*1e3)}u(){let t=[],e=0;for(let i of this.t.slice(0,F)){if(e+=JSON.
stringify(i).length,t.length&&e>L)break;t.push(i)}return t}f(t){this.t=this.t.filter(e=>!t.includes(e))}S(t){try{
return globalThis.navigator.sendBeacon(this.h,new Blob([H(t)],{type:"text/plain"}))}catch{return!1}}d(){return JSON.
parse(globalThis.localStorage.getItem(this.a)??"[]")}O(){try{let t=[...this.d(),...this.t].slice(-_);for(;JSON.
stringify(t).length>V;)t=t.slice(Math.ceil(t.length/4));globalThis.localStorage.setItem(this.a,JSON.stringify(
t)),this.t=[]}catch{}}},H=s=>JSON.stringify({events:s});function G(){let{crypto:s}=globalThis;if(s.randomUUID)
return s.randomUUID();let t=s.getRandomValues(new Uint8Array(16));return Array.from(t,e=>e.toString(16).padStart(
2,"0")).join("")}var k="flaghoist:kept:",X=8,C=1e6,q=720*36e5;function y(s){try{let t=globalThis.localStorage.getItem(k+g(s)),e=t&&
JSON.parse(t.slice(t.indexOf(" ")));return e&&e.id===s&&Array.isArray(e.bulk.flags)&&Date.now()-e.atMs<q?{...e,
source:"kept"}:void 0}catch{return}}function J(s){try{let t=k+g(s.id),e=`${s.atMs} ${JSON.stringify(s)}`;if(e.
length>C)return;z(t,e.length),globalThis.localStorage.setItem(t,e)}catch{}}function z(s,t){let e=globalThis.localStorage,
r=Object.keys(e).filter(o=>o.startsWith(k)&&o!==s).map(o=>[o,e.getItem(o)??""]);r.sort(([,o],[,a])=>parseInt(a,
10)-parseInt(o,10));let n=C-t;r.forEach(([o,a],d)=>{n-=a.length,(n<0||d>=X-1)&&e.removeItem(o)})}var T=class{constructor(t,e){this.id=t,this.inlined=e,this.c(void 0)}get current(){return this.g||this.c(A(this.
inlined,y(this.id))),this.g}get version(){return this.current&&l(this.current)}get standing(){return this.current&&
p(this.current)}details(t){return this.current&&this.x.get(t)}keep(t){let e=y(t.id);(!e||m(t,e)>=0)&&J(t),t.id===
this.id&&(!this.current||m(t,this.current)>=0)&&this.c(t)}last(t){return A(t===this.id?this.inlined:void 0,y(t))}c(t){
this.g=t,this.x=new Map(t?.bulk.flags.map(e=>[e.key,e]))}};var S=class{constructor(t,e,i){this.i=t,this.m=e,this.s=i,this.p=!1,this.version=void 0}async fetch(t,e){let i=await this.A(
t,e);if(!i)return this.i(t,e);let r=this.N(i);if(r)return r;try{let n=await this.i(t,e);return await this._(i,
n),Q(n.status)&&this.b(i)||n}catch(n){let o=Y(i.signal)?void 0:this.b(i);if(o)return o;throw n}}async A(t,e){try{
let i=t instanceof Request?t.clone():new Request(t,e),r=new URL(i.url);if(i.method!=="POST"||r.origin+r.pathname!==
this.m)return;let n=await i.json();return{id:E(this.m,R(i,r),n.context??{}),ifNoneMatch:i.headers.get("If-None\
-Match")??"",isFenced:r.searchParams.has("flagConfigEtag"),signal:e?.signal??i.signal}}catch{return}}N(t){let{
current:e,id:i,inlined:r}=this.s;if(!(!r||this.p||t.id!==i))return this.p=!0,t.isFenced?void 0:this.y(e,t)}b(t){
let e=this.s.last(t.id);return e&&!j(t,e)?this.y({...e,source:"kept"},t):void 0}y(t,e){let{version:i,level:r,age:n}=p(
t);this.version=i;let o={"Content-Type":"application/json",ETag:t.etag,"Flaghoist-Version":i,"Flaghoist-Age":String(
n),"Flaghoist-Level":String(r)};if(j(e,t))return new Response(null,{status:304,headers:o});let a={...t.bulk,metadata:{
...t.bulk.metadata,level:r,age:n}};return new Response(JSON.stringify(a),{headers:o})}async _(t,e){let i=e.headers.
get("ETag")??"",r={id:t.id,etag:i,atMs:Date.now(),source:"network"};try{if(e.status===200){let a=JSON.parse(await e.
clone().text());if(!Array.isArray(a.flags))return;this.s.keep({...r,bulk:a}),this.version=l({bulk:a})}let n=e.
status===304?this.s.last(t.id):void 0;if(!n||n.etag!==i)return;let o=Number(e.headers.get("Flaghoist-Age"))||0;
this.s.keep({...r,bulk:{...n.bulk,metadata:{...n.bulk.metadata,age:o}}})}catch{}}},E=(s,t,e)=>f([s,t,e]),j=(s,t)=>!!t.
etag&&s.ifNoneMatch.includes(t.etag),Q=s=>s===429||s>=500,Y=s=>s?.aborted&&s.reason?.name!=="TimeoutError";var Z=5e3,O=class{constructor(t){this.t=t,this.o=new Set}expose(t,e,i,r){let n=N(r),o=f([t,e,i,n]);this.o.has(
o)||(this.o.size>=Z&&this.o.clear(),this.o.add(o),this.t.put({type:"exposure",flag:t,variant:e,version:i,unit:n}))}track(t,e,{
value:i,...r}){let n=Object.fromEntries(Object.entries(r).filter(([,a])=>tt(a))),o=Number.isFinite(i)?i:void 0;
this.t.put({type:"track",name:t,unit:N(e),value:o,attributes:n})}},tt=s=>typeof s=="string"||typeof s=="boolea\
n"||Number.isFinite(s);var B="/ofrep/v1/evaluate/flags",et="/v1/events";function st(s){let{key:t="",context:e={}}=s??{},i=(s?.baseUrl??
globalThis.location.origin).replace(/\/+$/,""),r=c=>new URL(i+c,globalThis.document.baseURI).href,n=globalThis.
fetch.bind(globalThis),o=E(r(B),t,e),a=new T(o,s&&w(s,o)),d=new S(n,r(B),a),v=new b(n,`${r(et)}?key=${encodeURIComponent(
t)}`),x=new O(v),M=d.fetch.bind(d);return it(a,v),{payload:s,context:e,baseUrl:i,key:t,fetch:M,providerOptions:{
baseUrl:i,fetchImplementation:M,headers:[["X-API-Key",t]],cacheMode:"disabled"},details:c=>a.details(c),value(c,h){
let u=a.details(c)?.value;return u!==void 0&&(h===void 0||typeof u==typeof h)?u:h},standing:()=>a.standing,used(c){
let h=a.details(c)?.variant;typeof h=="string"&&x.expose(c,h,a.version,e)},hook:{after({context:c},{flagKey:h,
variant:u,errorCode:P}){typeof u!="string"||P||x.expose(h,u,d.version??a.version,c)}},track:(c,h={})=>x.track(
c,e,h),flush:v.flush}}function it(s,t){let{document:e}=globalThis;globalThis.addEventListener("pagehide",()=>t.
leave()),e.addEventListener("visibilitychange",()=>e.visibilityState==="hidden"?t.leave():t.comeBack()),globalThis.
setTimeout(()=>{s.inlined&&globalThis.navigator.onLine!==!1&&s.keep(s.inlined),t.comeBack()},0)}var D=globalThis.
__FLAGHOIST__;(!globalThis.Flaghoist||globalThis.Flaghoist.payload!==D)&&(globalThis.Flaghoist=st(D));})();
"""  # noqa: E501
