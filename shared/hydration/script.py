"""The script that pages carry, from ``bootstrap.js``; written by ``python -m scripts.hydration_script``."""

SCRIPT = r"""(()=>{var G=([n,{value:t,reason:e,variation:s,version:i,errorCode:r,errorDetails:o}])=>r?{key:n,errorCode:r,errorDetails:o}:
{key:n,value:t,reason:e,variant:s,metadata:{flagVersion:i}};function I({ofrep:n,flags:t,etag:e},s){if(!n)return;
let i=n.flags??Object.entries(t??{}).map(G);return{id:s,bulk:{...n,flags:i},etag:e??"",atMs:Date.now(),source:"\
page"}}var u=({bulk:n})=>String(n.metadata?.version??"0-0");function p(n,t){let[e=0,s=0]=u(n).split("-").map(Number),
[i=0,r=0]=u(t).split("-").map(Number);return e-i||s-r}var R=()=>globalThis.navigator.onLine===!1;function E(n,t){
if(!n||!t)return n??t;let e=p(t,n);return e>0||e===0&&R()?t:n}function m(n){let{level:t=0,age:e=0}=n.bulk.metadata??
{};return{version:u(n),level:n.source==="kept"||R()?3:t,age:e+Math.max(0,Math.round((Date.now()-n.atMs)/1e3)),
source:n.source}}function d(n){return Array.isArray(n)?`[${n.map(d).join()}]`:!n||typeof n!="object"?JSON.stringify(n)??"null":
`{${Object.keys(n).sort().map(e=>`${JSON.stringify(e)}:${d(n[e])}`).join()}}`}var X=[2166136261,2654435761,2246822519,
3266489917],q=[16777619,2654435761,2246822507,3266489909];function g(n){let t=[...X];for(let e=0;e<n.length;e++){
let s=n.charCodeAt(e);for(let i=0;i<t.length;i++){let r=Math.imul(t[i]^s,q[i]);t[i]=r^r>>>15}}return t.map(e=>(e>>>
0).toString(16).padStart(8,"0")).join("")}function F({headers:n},t){return/^bearer (.*)$/i.exec(n.get("Authori\
zation")??"")?.[1].trim()??n.get("X-API-Key")??t.searchParams.get("key")??""}function L(n){try{let t=atob(n.split(
".")[1].replace(/-/g,"+").replace(/_/g,"/"));return JSON.parse(new TextDecoder().decode(Uint8Array.from(t,e=>e.
charCodeAt(0)))).context}catch{return n}}function N(n){let t=n?.targetingKey;return(typeof t=="string"||Number.
isInteger(t))&&String(t)||void 0}var z="flaghoist:events:",Q=25e4,_=1e3,C=100,U=16e3,H=5e3,Y=6e4,b=class{constructor(t,e){this.s=t,this.h=e,this.a=
z+g(e),this.t=[],this.i=0,this.r=void 0,this.e=0,this.flush=this.flush.bind(this)}put(t){let e={id:Z(),...t,at:Date.
now(),source:"web"};JSON.stringify(e).length>U||(this.t=[...this.t.slice(1-_),e],this.t.length>=C&&!this.e?this.
flush():this.l())}flush(){var t;return this[t="r"]??(this[t]=this.T().finally(()=>this.r=void 0)),this.r}leave(){
for(;this.t.length&&!J();){let t=this.u();if(this.e||globalThis.navigator.onLine===!1||!this.S(t))return this.x();
this.f(t)}}comeBack(){try{let t=this.d();if(!t.length)return;globalThis.localStorage.removeItem(this.a),this.t=
[...t,...this.t].slice(-_),this.l()}catch{}}l(){var t;this.r||this[t="i"]||(this[t]=globalThis.setTimeout(this.
flush,H))}async T(){if(globalThis.clearTimeout(this.i),this.i=0,J())return globalThis.document.addEventListener(
"prerenderingchange",this.flush,{once:!0});for(;this.t.length;){let t=this.u(),e=await this.O(t);if(this.e=e?this.e+
1:0,e){this.i=globalThis.setTimeout(this.flush,e);return}this.f(t)}}async O(t){let e=0;try{let i={"Content-Typ\
e":"text/plain;charset=UTF-8"},r=await this.s(this.h,{method:"POST",headers:i,body:j(t),keepalive:!0});if(r.status!==
429&&r.status<500)return 0;e=Number(r.headers.get("Retry-After"))||0}catch{}let s=Math.min(Y,H*2**this.e)*(.5+
Math.random()/2);return Math.max(s,e*1e3)}u(){let t=[],e=0;for(let s of this.t.slice(0,C)){if(e+=JSON.stringify(
s).length,t.length&&e>U)break;t.push(s)}return t}f(t){this.t=this.t.filter(e=>!t.includes(e))}S(t){try{return globalThis.
navigator.sendBeacon(this.h,new Blob([j(t)],{type:"text/plain"}))}catch{return!1}}d(){return JSON.parse(globalThis.
localStorage.getItem(this.a)??"[]")}x(){try{let t=[...this.d(),...this.t].slice(-_);for(;JSON.stringify(t).length>
Q;)t=t.slice(Math.ceil(t.length/4));globalThis.localStorage.setItem(this.a,JSON.stringify(t)),this.t=[]}catch{}}},
J=()=>!!globalThis.document.prerendering,j=n=>JSON.stringify({events:n});function Z(){let{crypto:n}=globalThis;
if(n.randomUUID)return n.randomUUID();let t=n.getRandomValues(new Uint8Array(16));return Array.from(t,e=>e.toString(
16).padStart(2,"0")).join("")}var k="flaghoist:kept:",tt=8,D=1e6,et=720*36e5;function y(n){try{let t=globalThis.localStorage.getItem(k+g(n)),
e=parseInt(t,10);if(!(Date.now()-e<et))return;let{bulk:s,etag:i}=JSON.parse(t.slice(t.indexOf(" ")));return Array.
isArray(s.flags)?{id:n,bulk:s,etag:i,atMs:e,source:"kept"}:void 0}catch{return}}function B({id:n,bulk:t,etag:e,
atMs:s}){try{let i=k+g(n),r=`${s} ${JSON.stringify({bulk:t,etag:e})}`;if(r.length>D)return;nt(i,r.length),globalThis.
localStorage.setItem(i,r)}catch{}}function nt(n,t){let e=globalThis.localStorage,i=Object.keys(e).filter(o=>o.
startsWith(k)&&o!==n).map(o=>[o,e.getItem(o)??""]);i.sort(([,o],[,a])=>parseInt(a,10)-parseInt(o,10));let r=D-
t;i.forEach(([o,a],h)=>{r-=a.length,(r<0||h>=tt-1)&&e.removeItem(o)})}var T=class{constructor(t,e){this.id=t,this.inlined=e,this.c(void 0)}get current(){return this.g||this.c(E(this.
inlined,y(this.id))),this.g}get version(){return this.current&&u(this.current)}get standing(){return this.current&&
m(this.current)}details(t){return this.current&&this.v.get(t)}keep(t){let e=y(t.id);(!e||p(t,e)>=0)&&B(t),t.id===
this.id&&(!this.current||p(t,this.current)>=0)&&this.c(t)}last(t){return E(t===this.id?this.inlined:void 0,y(t))}c(t){
this.g=t,this.v=new Map(t?.bulk.flags.map(e=>[e.key,e]))}};var S=class{constructor(t,e,s){this.s=t,this.p=e,this.n=s,this.m=!1,this.version=void 0}async fetch(t,e){let s=await this.A(
t,e);if(!s)return this.s(t,e);let i=this.E(s);if(i)return i;try{let r=await this.s(t,e);return await this.N(s,
r),st(r.status)&&this.b(s)||r}catch(r){let o=it(s.signal)?void 0:this.b(s);if(o)return o;throw r}}async A(t,e){
try{let s=t instanceof Request?t.clone():new Request(t,e),i=new URL(s.url);if(s.method!=="POST"||i.origin+i.pathname!==
this.p)return;let r=await s.json(),o=s.headers.get("Flaghoist-Context")??r.signedContext,a=o?L(o):r.context??{};
return{id:w(this.p,F(s,i),a),ifNoneMatch:s.headers.get("If-None-Match")??"",isFenced:i.searchParams.has("flagC\
onfigEtag"),signal:e?.signal??s.signal}}catch{return}}E(t){let{current:e,id:s,inlined:i}=this.n;if(!(!i||this.m||
t.id!==s))return this.m=!0,t.isFenced?void 0:this.y(e,t)}b(t){let e=this.n.last(t.id);return e&&!P(t,e)?this.y(
{...e,source:"kept"},t):void 0}y(t,e){let{version:s,level:i,age:r}=m(t);this.version=s;let o={"Content-Type":"\
application/json",ETag:t.etag,"Flaghoist-Version":s,"Flaghoist-Age":String(r),"Flaghoist-Level":String(i)};if(P(
e,t))return new Response(null,{status:304,headers:o});let a={...t.bulk,metadata:{...t.bulk.metadata,level:i,age:r}};
return new Response(JSON.stringify(a),{headers:o})}async N(t,e){let s=e.headers.get("ETag")??"",i={id:t.id,etag:s,
atMs:Date.now(),source:"network"};try{if(e.status===200){let a=JSON.parse(await e.clone().text());if(!Array.isArray(
a.flags))return;this.n.keep({...i,bulk:a}),this.version=u({bulk:a})}let r=e.status===304?this.n.last(t.id):void 0;
if(!r||r.etag!==s)return;let o=Number(e.headers.get("Flaghoist-Age"))||0;this.n.keep({...i,bulk:{...r.bulk,metadata:{
...r.bulk.metadata,age:o}}})}catch{}}},w=(n,t,e)=>d([n,t,e]),P=(n,t)=>!!t.etag&&n.ifNoneMatch.includes(t.etag),
st=n=>n===429||n>=500,it=n=>n?.aborted&&n.reason?.name!=="TimeoutError";var rt=5e3,x=class{constructor(t){this.t=t,this.o=new Set}expose(t,e,s,i){let r=N(i),o=d([t,e,s,r]);this.o.has(
o)||(this.o.size>=rt&&this.o.clear(),this.o.add(o),this.t.put({type:"exposure",flag:t,variant:e,version:s,unit:r}))}track(t,e,{
value:s,...i}){let r=Object.fromEntries(Object.entries(i).filter(([,a])=>ot(a))),o=Number.isFinite(s)?s:void 0;
this.t.put({type:"track",name:t,unit:N(e),value:o,attributes:r})}},ot=n=>typeof n=="string"||typeof n=="boolea\
n"||Number.isFinite(n);var $="/ofrep/v1/evaluate/flags",at="/v1/events";function ct(n){let{key:t="",context:e={},signedContext:s}=n??
{},i=(n?.baseUrl??globalThis.location.origin).replace(/\/+$/,""),r=c=>new URL(i+c,globalThis.document.baseURI).
href,o=globalThis.fetch.bind(globalThis),a=w(r($),t,e),h=new T(a,n&&I(n,a)),O=new S(o,r($),h),v=new b(o,`${r(at)}\
?key=${encodeURIComponent(t)}`),A=new x(v),M=O.fetch.bind(O),V=[["X-API-Key",t],...s?[["Flaghoist-Context",s]]:
[]];return ht(h,v),{payload:n,context:e,baseUrl:i,key:t,fetch:M,providerOptions:{baseUrl:i,fetchImplementation:M,
headers:V,cacheMode:"disabled"},details:c=>h.details(c),value(c,l){let f=h.details(c)?.value;return f!==void 0&&
(l===void 0||typeof f==typeof l)?f:l},standing:()=>h.standing,used(c){let l=h.details(c)?.variant;typeof l=="s\
tring"&&A.expose(c,l,h.version,e)},hook:{after({context:c},{flagKey:l,variant:f,errorCode:W}){typeof f!="strin\
g"||W||A.expose(l,f,O.version??h.version,c)}},track:(c,l={})=>A.track(c,e,l),flush:v.flush}}function ht(n,t){let{
document:e}=globalThis;globalThis.addEventListener("pagehide",()=>t.leave()),e.addEventListener("visibilitycha\
nge",()=>e.visibilityState==="hidden"?t.leave():t.comeBack()),globalThis.setTimeout(()=>{n.inlined&&globalThis.
navigator.onLine!==!1&&n.keep(n.inlined),t.comeBack()},0)}var K=globalThis.__FLAGHOIST__;(!globalThis.Flaghoist||
globalThis.Flaghoist.payload!==K)&&(globalThis.Flaghoist=ct(K));})();
"""  # noqa: E501
